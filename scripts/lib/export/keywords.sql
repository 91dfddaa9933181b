SELECT word, catcode AS category, barelabel AS bare_label FROM pg_get_keywords()
