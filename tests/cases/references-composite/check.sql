WITH want(rel, def) AS (VALUES
    ('order_items', 'PRIMARY KEY (order_id, "position")'),
    ('order_items', 'FOREIGN KEY (order_id) REFERENCES orders(id) ON DELETE CASCADE'),
    ('notes', 'FOREIGN KEY (item_order_id, item_position) REFERENCES order_items(order_id, "position")'),
    ('notes', 'FOREIGN KEY (reply_to_id) REFERENCES notes(id) ON DELETE SET NULL'),
    ('picks', 'PRIMARY KEY (item_order_id, item_position)'),
    ('picks', 'FOREIGN KEY (item_order_id, item_position) REFERENCES order_items(order_id, "position") ON UPDATE CASCADE ON DELETE CASCADE'),
    ('checks', 'FOREIGN KEY (pick_item_order_id, pick_item_position) REFERENCES picks(item_order_id, item_position)'),
    ('chickens', 'FOREIGN KEY (egg_id) REFERENCES farm.eggs(id)'),
    ('farm.eggs', 'FOREIGN KEY (chicken_id) REFERENCES chickens(id) ON DELETE SET NULL'),
    ('invoices', 'FOREIGN KEY (order_id) REFERENCES orders(id)'),
    ('invoices', 'FOREIGN KEY (partner, partner_position) REFERENCES order_items(order_id, "position") ON DELETE SET NULL DEFERRABLE'),
    ('nicknames', 'FOREIGN KEY (other) REFERENCES nicknames(login) ON UPDATE CASCADE'),
    ('downloads', 'FOREIGN KEY (product, code) REFERENCES releases(product, code)'),
    ('clicks', 'FOREIGN KEY (visit_id, visit_at) REFERENCES visits(id, at) ON DELETE CASCADE'))
SELECT rel || ' has no ' || def FROM want
WHERE NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conrelid = to_regclass(rel) AND pg_get_constraintdef(c.oid) = def);
SELECT 'unexpected: ' || conrelid::regclass || ' ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'checks'::regclass AND contype = 'f' AND conname NOT LIKE '%pick%';
SELECT 'enforce=false has no columns' WHERE (SELECT count(*) FROM pg_attribute WHERE attrelid = 'checks'::regclass AND attname IN ('optional_order_id', 'optional_position')) <> 2;
-- Every reference, enforced or not, has an index that leads with its columns.
SELECT 'no index for ' || conrelid::regclass || ' ' || conname FROM pg_constraint c WHERE contype = 'f' AND conparentid = 0
    AND conname <> 'same_login' AND conrelid <> 'invoices'::regclass
    AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.conrelid AND (i.indkey::int2[])[0:array_length(c.conkey, 1) - 1] @> c.conkey);
SELECT 'no index for optional' WHERE NOT EXISTS (SELECT FROM pg_indexes WHERE tablename = 'checks' AND indexdef LIKE '%(optional_order_id, optional_position)');
SELECT 'not null: ' || attrelid::regclass || '.' || attname FROM pg_attribute
WHERE attrelid = 'notes'::regclass AND ((attname LIKE 'item%' AND NOT attnotnull) OR (attname = 'reply_to_id' AND attnotnull));
