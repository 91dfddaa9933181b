-- specql:transaction
-- 0028 product_search, part 1 of 2
-- Expand: old versions of the application do not notice.
-- hazards: blocks-reads, blocks-writes, rewrites-table
-- Review: is each line meant, can its lock be had, and does its time fit?
--   + create column catalog.products.search_vector  access exclusive · rewrites
--       allowed rewrites-table, blocks-reads, blocks-writes: each row is written anew with a value of `search_vector` (catalog.products)
--         safer: add a plain column, let a trigger keep it, and fill it in batches

SET LOCAL lock_timeout = '3s';

ALTER TABLE catalog.products
    ADD COLUMN search_vector tsvector GENERATED ALWAYS AS (setweight(to_tsvector('english', coalesce(name, '')), 'A') || setweight(array_to_tsvector(array_remove(array_remove(coalesce(tags, '{}'::text[]), NULL), '')), 'B') || setweight(to_tsvector('english', coalesce(description, '')), 'C') || setweight(jsonb_to_tsvector('english', coalesce(metadata, '{}'), '["string"]'), 'D')) STORED;
