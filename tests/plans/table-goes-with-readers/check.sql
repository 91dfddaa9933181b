select 'still there: ' || relname from pg_class where relname in ('orders', 'lines', 'totals', 'lines_shown');
