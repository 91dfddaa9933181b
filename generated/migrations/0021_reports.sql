-- specql:transaction
-- 0021 reports, part 1 of 3
-- Expand: old versions of the application do not notice.
-- Review: is each line meant, can its lock be had, and does its time fit?
--   + create 6 objects of schema specql  no lock · 6 steps

SET LOCAL lock_timeout = '3s';

CREATE FUNCTION specql.queue_refresh() RETURNS trigger
    LANGUAGE plpgsql
    SECURITY DEFINER
    SET search_path = ''
AS $function$
BEGIN
    INSERT INTO specql.refresh_request (projection, transaction_id, requested_at, at_commit)
    VALUES (TG_ARGV[0], pg_current_xact_id(), now(), false)
    ON CONFLICT DO NOTHING;
    IF FOUND THEN
        -- Always: a mark of another transaction may belong to a refresh that has begun already.
        PERFORM pg_notify('specql_refresh', TG_ARGV[0]);
    END IF;
    RETURN NULL;
END
$function$;

REVOKE ALL ON FUNCTION specql.queue_refresh() FROM PUBLIC;

COMMENT ON ROUTINE specql.queue_refresh IS 'Marks the projection that the trigger names for specql.refresh_projections(), and notifies specql_refresh';

CREATE FUNCTION specql.refresh_catalog_product_sales() RETURNS void
    LANGUAGE plpgsql
    SECURITY DEFINER
    SET search_path = ''
AS $function$
DECLARE
    started CONSTANT timestamp with time zone := clock_timestamp();
BEGIN
    -- What is read is locked before the projection is: a transaction that has emptied a source, and refreshes when it
    -- commits, would wait for the projection while its holder waits for the source.
    LOCK TABLE catalog.categories, catalog.products, public.order_items IN ACCESS SHARE MODE;
    -- One refresh at a time, in a statement of its own: the snapshot of the next ones is taken with the lock held, and
    -- sees what the refresh before has committed.
    PERFORM pg_advisory_xact_lock(hashtextextended('catalog.product_sales', 0));
    -- Requests that are seen here are of transactions that REFRESH sees too; later ones stay.
    DELETE FROM specql.refresh_request AS request WHERE request.projection = 'catalog.product_sales';
    -- The first time there is nothing to compare with.
    IF (
        SELECT relation.relispopulated
        FROM pg_catalog.pg_class AS relation
        WHERE relation.oid = 'catalog.product_sales'::pg_catalog.regclass
    ) THEN
        REFRESH MATERIALIZED VIEW CONCURRENTLY catalog.product_sales;
    ELSE
        REFRESH MATERIALIZED VIEW catalog.product_sales;
    END IF;
    INSERT INTO specql.projection_refresh (projection, refreshed_at, took)
    VALUES ('catalog.product_sales', clock_timestamp(), clock_timestamp() - started)
    ON CONFLICT (projection) DO UPDATE SET refreshed_at = excluded.refreshed_at, took = excluded.took;
END
$function$;

REVOKE ALL ON FUNCTION specql.refresh_catalog_product_sales() FROM PUBLIC;

COMMENT ON ROUTINE specql.refresh_catalog_product_sales IS 'Refreshes the materialized view catalog.product_sales, one caller at a time';

CREATE FUNCTION specql.refresh_projection(projection pg_catalog.text) RETURNS void
    LANGUAGE plpgsql
    SECURITY DEFINER
    SET search_path = ''
AS $function$
BEGIN
    IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
        -- Its snapshot may be older than what the projection shows.
        RAISE EXCEPTION 'a projection cannot be refreshed at isolation level %', current_setting('transaction_isolation')
            USING ERRCODE = 'invalid_transaction_state', HINT = 'Refresh it in a transaction at READ COMMITTED.';
    END IF;
    CASE projection
        WHEN 'catalog.product_sales' THEN
            PERFORM specql.refresh_catalog_product_sales();
        ELSE
            RAISE EXCEPTION 'there is no materialized projection %', projection
                USING ERRCODE = 'undefined_object', HINT = 'specql.projection_status lists them.';
    END CASE;
END
$function$;

REVOKE ALL ON FUNCTION specql.refresh_projection(pg_catalog.text) FROM PUBLIC;

COMMENT ON ROUTINE specql.refresh_projection IS 'Refreshes one materialized projection, due or not, by its qualified name';

CREATE PROCEDURE specql.refresh_projections(only_projection pg_catalog.text DEFAULT NULL)
    LANGUAGE plpgsql
AS $function$
DECLARE
    -- Called by itself, not inside a transaction that somebody else began, it commits each refresh: no lock is held, and
    -- no old row kept, while the next one runs. For that it may have no settings of its own, nor run as its owner.
    alone CONSTANT boolean :=
        pg_catalog.transaction_timestamp() OPERATOR(pg_catalog.=) pg_catalog.statement_timestamp();
    due pg_catalog.text[];
    next_projection pg_catalog.text;
    failures integer := 0;
BEGIN
    SELECT COALESCE(pg_catalog.array_agg(status.projection ORDER BY status.projection COLLATE pg_catalog."C"), '{}')
    INTO due
    FROM specql.projection_status AS status
    WHERE status.due
        AND (only_projection IS NULL OR status.projection OPERATOR(pg_catalog.=) only_projection);

    FOREACH next_projection IN ARRAY due LOOP
        IF alone THEN
            COMMIT;
            SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
        END IF;
        BEGIN
            PERFORM specql.refresh_projection(next_projection);
        EXCEPTION
            WHEN OTHERS THEN
                IF NOT alone THEN
                    RAISE;
                END IF;
                -- Its requests stay; the others go on.
                failures := failures OPERATOR(pg_catalog.+) 1;
                RAISE WARNING 'projection % was not refreshed: %', next_projection, SQLERRM;
        END;
    END LOOP;
    IF failures OPERATOR(pg_catalog.>) 0 THEN
        COMMIT;
        RAISE EXCEPTION '% of % projections were not refreshed', failures, pg_catalog.cardinality(due)
            USING HINT = 'The warnings before this say why.';
    END IF;
END
$function$;

REVOKE ALL ON PROCEDURE specql.refresh_projections(pg_catalog.text) FROM PUBLIC;

COMMENT ON ROUTINE specql.refresh_projections IS 'Refreshes the projections that are due, or only_projection if it is, each in a transaction of its own';

CREATE UNLOGGED TABLE specql.projection_refresh (
    projection text NOT NULL,
    refreshed_at timestamp with time zone NOT NULL,
    took interval NOT NULL,
    CONSTRAINT projection_refresh_pkey PRIMARY KEY (projection)
);

COMMENT ON TABLE specql.projection_refresh IS 'The last refresh of each projection; empty after a crash, when marks may be lost and all are due';

CREATE UNLOGGED TABLE specql.refresh_request (
    projection text NOT NULL,
    transaction_id xid8 NOT NULL,
    requested_at timestamp with time zone NOT NULL,
    at_commit boolean NOT NULL,
    everything boolean DEFAULT FALSE NOT NULL,
    CONSTRAINT refresh_request_pkey PRIMARY KEY (projection, transaction_id, requested_at)
);

COMMENT ON TABLE specql.refresh_request IS 'Refreshes of projections that transactions have asked for; rows that others can see are marks, which wait for the next refresh';

COMMENT ON COLUMN specql.refresh_request.everything IS 'Of an incremental projection: all of it, because a source was emptied';
