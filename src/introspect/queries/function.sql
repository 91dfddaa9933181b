-- Functions, procedures and aggregates; not those of extensions, nor the constructors of range types. The server has no
-- function that prints an aggregate: here its catalog row is put back into the words of CREATE AGGREGATE.
SELECT
    p.oid,
    n.nspname,
    p.proname,
    pg_get_function_identity_arguments(p.oid),
    CASE WHEN a.aggfnoid IS NULL THEN pg_get_functiondef(p.oid) ELSE
        format('CREATE AGGREGATE %I.%I(%s) (', n.nspname, p.proname, CASE
            WHEN p.pronargs = 0 THEN '*'
            ELSE pg_get_function_arguments(p.oid)
        END)
        || concat_ws(
            ', ',
            'SFUNC = ' || a.aggtransfn,
            'STYPE = ' || format_type(a.aggtranstype, NULL),
            'SSPACE = ' || NULLIF(a.aggtransspace, 0),
            'FINALFUNC = ' || NULLIF(a.aggfinalfn::text, '-'),
            CASE WHEN a.aggfinalextra THEN 'FINALFUNC_EXTRA' END,
            'FINALFUNC_MODIFY = ' || final_modify.word,
            'COMBINEFUNC = ' || NULLIF(a.aggcombinefn::text, '-'),
            'SERIALFUNC = ' || NULLIF(a.aggserialfn::text, '-'),
            'DESERIALFUNC = ' || NULLIF(a.aggdeserialfn::text, '-'),
            'INITCOND = ' || quote_literal(a.agginitval),
            'MSFUNC = ' || NULLIF(a.aggmtransfn::text, '-'),
            'MINVFUNC = ' || NULLIF(a.aggminvtransfn::text, '-'),
            'MSTYPE = ' || format_type(NULLIF(a.aggmtranstype, 0), NULL),
            'MSSPACE = ' || NULLIF(a.aggmtransspace, 0),
            'MFINALFUNC = ' || NULLIF(a.aggmfinalfn::text, '-'),
            CASE WHEN a.aggmfinalextra THEN 'MFINALFUNC_EXTRA' END,
            'MFINALFUNC_MODIFY = ' || moving_modify.word,
            'MINITCOND = ' || quote_literal(a.aggminitval),
            (
                SELECT format('SORTOP = OPERATOR(%I.%s)', osn.nspname, o.oprname)
                FROM pg_catalog.pg_operator AS o
                JOIN pg_catalog.pg_namespace AS osn ON osn.oid = o.oprnamespace
                WHERE o.oid = a.aggsortop
            ),
            'PARALLEL = ' || CASE p.proparallel WHEN 's' THEN 'SAFE' WHEN 'r' THEN 'RESTRICTED' END,
            CASE WHEN a.aggkind = 'h' THEN 'HYPOTHETICAL' END
        )
        || ')'
    END,
    d.description
FROM pg_catalog.pg_proc AS p
JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
LEFT JOIN pg_catalog.pg_aggregate AS a ON a.aggfnoid = p.oid
-- Read-only is the default, but of ordered sets it is read-write.
LEFT JOIN (VALUES ('r', 'READ_ONLY'), ('s', 'SHAREABLE'), ('w', 'READ_WRITE')) AS final_modify (letter, word)
    ON final_modify.letter = a.aggfinalmodify::text AND a.aggfinalfn <> 0
LEFT JOIN (VALUES ('r', 'READ_ONLY'), ('s', 'SHAREABLE'), ('w', 'READ_WRITE')) AS moving_modify (letter, word)
    ON moving_modify.letter = a.aggmfinalmodify::text AND a.aggmfinalfn <> 0
LEFT JOIN pg_catalog.pg_description AS d
    ON d.classoid = 'pg_catalog.pg_proc'::regclass AND d.objoid = p.oid AND d.objsubid = 0
WHERE CASE
        WHEN $1 THEN n.oid = pg_catalog.pg_my_temp_schema()
        ELSE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    END
    AND NOT EXISTS (
        SELECT FROM pg_catalog.pg_depend AS e
        WHERE e.classid = 'pg_catalog.pg_proc'::regclass AND e.objid = p.oid AND e.deptype IN ('e', 'i')
    )
