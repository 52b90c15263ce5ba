-- Workers of one tenant: a key of a tenant may be one for workers.

alter table api_keys
  drop constraint a_tenant_s_key_reaches_no_other_tenant,
  add constraint a_tenant_s_key_reaches_no_other_tenant check (
    tenant is null
    or (tenant <> '' and not 'admin' = any(scopes))
  );

comment on column workflow_workers.tenant is
  'Whose it is: a worker that comes with the key of a tenant is given that tenant''s steps only; others are given all.';
