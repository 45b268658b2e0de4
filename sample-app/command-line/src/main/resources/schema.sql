create table if not exists observation (
	id bigint primary key,
	taken_at timestamp with time zone not null,
	celsius numeric(4, 1) not null
);
