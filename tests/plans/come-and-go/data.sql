insert into authors (name) values ('a'); insert into books (title, author_id) select 't', id from authors;
