SELECT 'columns: ' || string_agg(attname || ' ' || format_type(atttypid, atttypmod) || CASE WHEN attnotnull THEN '!' ELSE '' END, ', ' ORDER BY attnum)
FROM pg_attribute WHERE attrelid = 'catalog.category_translations'::regclass AND attnum > 0
HAVING string_agg(attname || ' ' || format_type(atttypid, atttypmod) || CASE WHEN attnotnull THEN '!' ELSE '' END, ', ' ORDER BY attnum)
    <> 'category_id uuid!, locale text!, name character varying(60), blurb text';
SELECT 'key: ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'catalog.category_translations'::regclass AND contype = 'p' AND pg_get_constraintdef(oid) <> 'PRIMARY KEY (category_id, locale)';
SELECT 'no reference' WHERE NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = 'catalog.category_translations'::regclass AND contype = 'f' AND confrelid = 'catalog.categories'::regclass);
SELECT 'not enabled, but there' WHERE to_regclass('brand_translations') IS NOT NULL;
INSERT INTO catalog.categories (name) VALUES ('Shoes');
INSERT INTO catalog.category_translations SELECT id, 'fr', 'Chaussures' FROM catalog.categories;
DELETE FROM catalog.categories;
SELECT 'translations outlive what they translate' FROM catalog.category_translations;
