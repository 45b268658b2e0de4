insert into observation (id, taken_at, celsius) values
	(1, '2026-06-01 06:00:00+00', 11.5),
	(2, '2026-06-01 12:00:00+00', 19.0),
	(3, '2026-06-01 18:00:00+00', 16.2)
on conflict do nothing;
