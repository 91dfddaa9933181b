SELECT 'no column ' || c FROM unnest(ARRAY['articles.search_vector', 'recettes.mots', 'memos.words', 'memos.plain']) c
WHERE NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = split_part(c, '.', 1)::regclass AND attname = split_part(c, '.', 2) AND attgenerated = 's' AND atttypid = 'tsvector'::regtype);
SELECT 'not found in german: ' || q FROM unnest(ARRAY['Haus', 'Elefant']) q WHERE NOT EXISTS (SELECT FROM articles WHERE search_vector @@ to_tsquery('german', q));
SELECT 'a NULL emptied the vector' WHERE (SELECT search_vector FROM articles WHERE title = 'Leer') IS NULL;
SELECT 'label or kind not found' FROM articles WHERE title = 'Häuser' AND NOT (search_vector @@ '''Garten'''::tsquery OR search_vector @@ 'gart'::tsquery);
SELECT 'weight of the title' FROM articles WHERE title = 'Häuser' AND search_vector::text NOT LIKE '%haus'':%A%';
SELECT 'not found in french' WHERE NOT EXISTS (SELECT FROM recettes WHERE mots @@ to_tsquery('french', 'gâteau'));
SELECT 'simple is not simple: ' || words::text FROM memos WHERE NOT words @@ 'running'::tsquery OR NOT words @@ 'the'::tsquery;
SELECT 'english: ' || plain::text FROM memos WHERE NOT plain @@ 'run'::tsquery OR plain @@ 'the'::tsquery;
SELECT 'index ' || i FROM unnest(ARRAY['idx_articles_search USING gin', 'idx_recettes_search USING gist']) i
WHERE NOT EXISTS (SELECT FROM pg_indexes WHERE indexdef LIKE '%' || split_part(i, ' ', 1) || ' ON %' || substr(i, strpos(i, 'USING')) || '%');
SELECT 'index: none' FROM pg_indexes WHERE tablename = 'memos' AND indexdef LIKE '%plain%';
