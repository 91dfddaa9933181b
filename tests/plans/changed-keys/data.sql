insert into nodes (name) values ('a'), ('b'); insert into edges (from_node_id, to_node_id) select a.id, b.id from nodes a, nodes b;
