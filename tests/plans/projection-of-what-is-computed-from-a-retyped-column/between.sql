\ir ../../support/others.sql
