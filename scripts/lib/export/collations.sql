-- The ones that a server has wherever it runs: not those that initdb imports from the machine.
SELECT collname AS name, collprovider AS provider, collisdeterministic AS deterministic
FROM pg_collation
WHERE collprovider IN ('d', 'b') OR collname IN ('C', 'POSIX', 'ucs_basic', 'unicode')
