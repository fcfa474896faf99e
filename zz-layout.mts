import pg from 'pg'
import { startPostgres } from './test/support/services/postgres.ts'
const N = Number(process.argv[2] ?? 200000)
const s = await startPostgres((l) => console.log(l), { sharedBuffers: '2GB' })
const c = new pg.Client({ connectionString: s.url }); await c.connect()
try {
  const t0 = Date.now()
  const q = (t: string) => c.query(t)
  await q(`create table standing (pid text collate "C" not null, scope text collate "C" not null, granted boolean not null, receipt text, expires_at timestamptz, revision bigint not null, cut bigint not null, basis bigint not null)`)
  await q(`create table a (pid text collate "C" not null, feature text collate "C" not null, scope text collate "C" not null, value jsonb not null, consent_id text not null, consent_revision bigint not null, computed_at timestamptz not null, expires_at timestamptz not null, due_at timestamptz)`)
  await q(`create table cc (pid text collate "C" not null, scope text collate "C" not null, consent_id text not null, consent_revision bigint not null, expires_at timestamptz not null, vals jsonb not null)`)
  const scopes = `(values ('analytics',8),('product_recs',8),('personalization',2),('marketing_email',2)) s(scope,n)`
  const pid = (i: string) => `translate(encode(sha256((${i})::text::bytea),'base64'),'+/=','-_')`
  await q(`insert into standing select p, scope, true, 'rc'||i||scope, now()+'100 days', i, 0, i from (select i, ${pid('i')} p from generate_series(1,${N}) i) x, ${scopes} order by p, scope`)
  await q(`alter table standing add primary key (pid, scope)`)
  await q(`insert into cc select p, scope, 'rc'||i||scope, i, now()+'30 days', (select jsonb_object_agg('feature_number_'||scope||k, jsonb_build_array(round((random()*100)::numeric,2), 1790000000000+k, 1799000000000+k)) from generate_series(1,n) k) from (select i, ${pid('i')} p from generate_series(1,${N}) i) x, ${scopes}`)
  await q(`alter table cc add primary key (pid, scope)`)
  await q(`insert into a select p, 'feature_number_'||scope||k, scope, to_jsonb(round((random()*100)::numeric,2)), 'rc'||i||scope, i, now(), now()+'30 days', null from (select i, ${pid('i')} p from generate_series(1,${N}) i) x, ${scopes}, generate_series(1,n) k`)
  await q(`alter table a add primary key (pid, feature)`)
  await q(`vacuum analyze`)
  console.log('filled', Date.now() - t0, (await q(`select pg_size_pretty(pg_total_relation_size('a')) a, pg_size_pretty(pg_total_relation_size('cc')) c, pg_size_pretty(pg_total_relation_size('standing')) s`)).rows)
  const names: string[] = []; for (const [sc, n] of [['analytics',8],['product_recs',8],['personalization',2],['marketing_email',2]] as const) for (let k=1;k<=n;k++) names.push('feature_number_'+sc+k)
  const scs = ['analytics','product_recs','personalization','marketing_email']
  const alive = (f: string) => `exists (select from standing as held (held_pid, held_scope, held_granted, held_receipt, held_expires_at, held_revision, held_cut, held_basis) where held_pid = ${f}.pid and held_scope = ${f}.scope and held_granted and (held_expires_at is null or held_expires_at > $3::timestamptz) and held_cut < ${f}.consent_revision)`
  const Q: Record<string, [string, (p: string[]) => unknown[]]> = {
    A_rows: [`select f.pid, f.feature, f.value, f.scope, f.consent_id, (extract(epoch from f.computed_at)*1000)::float8 c, (extract(epoch from f.expires_at)*1000)::float8 e from (select distinct * from unnest($1::text[], $2::text[])) as asked(pid, feature) join a f using (pid, feature) where f.expires_at > $3::timestamptz and ${alive('f')}`,
      (p) => [p.flatMap((x) => names.map(() => x)), p.flatMap(() => names), new Date()]],
    A_any: [`select f.pid, jsonb_object_agg(f.feature, f.value) v from a f where f.pid = any($1::text[]) and f.feature = any($2::text[]) and f.expires_at > $3::timestamptz and ${alive('f')} group by 1`,
      (p) => [p, names, new Date()]],
    C_raw: [`select f.pid, f.scope, f.vals from cc f where f.pid = any($1::text[]) and f.scope = any($2::text[]) and f.expires_at > $3::timestamptz and ${alive('f')}`,
      (p) => [p, scs, new Date()]],
    C_pairs: [`select f.pid, f.scope, f.vals from unnest($1::text[], $2::text[]) as asked(pid, scope) join cc f using (pid, scope) where f.expires_at > $3::timestamptz and ${alive('f')}`,
      (p) => [p.flatMap((x) => scs.map(() => x)), p.flatMap(() => scs), new Date()]],
    C_filter: [`select f.pid, f.scope, (select jsonb_object_agg(k, v) from jsonb_each(f.vals) as e(k,v) where k = any($4::text[]) and (v->>2)::float8 > $5::float8) vals from unnest($1::text[], $2::text[]) as asked(pid, scope) join cc f using (pid, scope) where ${alive('f')}`,
      (p) => [p.flatMap((x) => scs.map(() => x)), p.flatMap(() => scs), new Date(), names, Date.now()]],
    C_case: [`select f.pid, f.scope, case when f.expires_at > $3::timestamptz then f.vals else (select jsonb_object_agg(k, v) from jsonb_each(f.vals) as e(k,v) where (v->>2)::float8 > $4::float8) end vals from unnest($1::text[], $2::text[]) as asked(pid, scope) join cc f using (pid, scope) where ${alive('f')}`,
      (p) => [p.flatMap((x) => scs.map(() => x)), p.flatMap(() => scs), new Date(), Date.now()]],
  }
  const all = (await q(`select distinct pid from (select pid from standing tablesample system (5)) x limit 20000`)).rows.map((r) => r.pid as string)
  for (let round = 0; round < 2; round++) for (const [name, [text, args]] of Object.entries(Q)) {
    const ts: number[] = []
    let n = 0
    for (let i = 0; i < 400; i++) {
      const p = Array.from({ length: 100 }, () => all[Math.floor(Math.random() * all.length)]!)
      const a = args([...new Set(p)])
      const b = performance.now()
      const r = await c.query({ name: name, text, values: a })
      ts.push(performance.now() - b); n = r.rows.length
    }
    ts.sort((x, y) => x - y)
    console.log(name.padEnd(10), 'rows', n, 'p50', ts[200]!.toFixed(2), 'p90', ts[360]!.toFixed(2), 'p99', ts[396]!.toFixed(2))
  }
  const p = all.slice(0,100)
  for (const name of ['C_pairs','C_case']) { const [text, args] = Q[name]!; console.log((await c.query('explain analyze ' + text, args(p))).rows.map((r) => r['QUERY PLAN']).join('\n')) }
} finally { await c.end(); await s.stop() }
