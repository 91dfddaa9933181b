select 'sizes' from events where (longer, other, size, note_size, known_size) is distinct from (4, 1, 4, 1, 1);
