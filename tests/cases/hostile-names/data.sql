INSERT INTO "My Schema"."we""ird; drop table users; --" ("order", "user id", "user") VALUES ('x', 1, 'b''c');
INSERT INTO public."user" ("select", end_id) SELECT 's', id FROM "My Schema"."we""ird; drop table users; --";
REFRESH MATERIALIZED VIEW CONCURRENTLY "pro ""jection""";
