-- Writing what was decided without having locked it before: the statement itself says when it came too late.

create function require_unmoved(expected bigint, actual bigint)
returns bigint
language plpgsql
immutable
parallel safe
as $$
begin
  if actual is distinct from expected then
    raise exception '% of % rows have moved since they were read', expected - coalesce(actual, 0), expected
      using
        errcode = 'ST002',
        hint = 'read them again and decide anew';
  end if;
  return actual;
end
$$;

comment on function require_unmoved(bigint, bigint) is
  'Fails the statement with SQLSTATE ST002, so that nothing of it is written, unless both numbers are the same.';
