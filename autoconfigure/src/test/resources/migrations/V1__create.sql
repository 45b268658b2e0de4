create table ${table} (id int);
