// What a newcomer does first, on a fresh data directory and then once more on the same: start, ask the query of the README,
// see two people get different fields with the reason, see what was sent, and see a change of consent in force within a second
// (the propagation gate). Then a check of a graph so large that it is made in threads, as only a build can: the same change is
// blocked there as in a small one. Ends only the process it started.
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const data = mkdtempSync(join(tmpdir(), 'assent-smoke-'))
const fail = (sentence) => {
  throw new Error(sentence)
}

/** Whatever fails, nothing is left running. */
const running = new Set()

const start = () =>
  new Promise((ready, refuse) => {
    const child = spawn('npm', ['start', '--silent', '--', '--port', '0', '--data', data], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    })
    running.add(child)
    child.once('exit', () => running.delete(child))
    let said = ''
    const late = setTimeout(() => refuse(new Error(`not ready after 60 s:\n${said}`)), 60_000)
    child.once('exit', (code) => refuse(new Error(`ended with ${code}:\n${said}`)))
    child.stdout.on('data', (chunk) => {
      said += chunk
      const [, url] = /GraphQL +(http\S+)/.exec(said) ?? []
      if (url === undefined || !said.includes('Stop with Ctrl-C')) return
      clearTimeout(late)
      const [timing] = /Ready after .*/.exec(said) ?? []
      const [memory] = /Memory: .*/.exec(said) ?? []
      ready({ child, url, told: `${timing} ${memory}` })
    })
  })

const stop = (child) =>
  new Promise((gone) => {
    child.removeAllListeners('exit')
    child.once('exit', () => {
      running.delete(child)
      gone()
    })
    process.kill(-child.pid, 'SIGTERM')
  })

const ask = async (url) => {
  const query = /```graphql\n([^`]+)```/.exec(readFileSync(join(root, 'README.md'), 'utf8'))?.[1]
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  })
  const { data: answer, extensions } = await response.json()
  const nodes = answer?.customers?.nodes ?? fail('the query of the README has no answer')
  if (nodes.length !== 50) fail(`${nodes.length} customers instead of 50`)
  if (!nodes.some(({ email }) => email !== null) || !nodes.some(({ email }) => email === null))
    fail('everybody got the same fields')
  const reasons = new Set(extensions.consent.withheld.map(({ reason }) => reason))
  for (const reason of ['NOT_GIVEN', 'REFUSED', 'WITHDRAWN', 'EXPIRED'])
    if (!reasons.has(reason)) fail(`nobody's value is withheld as ${reason}`)
  return nodes.map(({ pid }) => pid).join()
}

/** A subgraph in which one field of a person is protected, among so many types that are nobody's. */
const subgraph = (types, scope) => `extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key"])
  @link(url: "https://assent.example/consent/v1.0", import: ["@requiresScope", "@dataSubject"])
type Query { person(pid: ID!): Person }
type Person @key(fields: "pid") @dataSubject(key: "pid") { pid: ID! mood: String${scope} }
${Array.from({ length: types }, (_, n) => `type Thing${n} @key(fields: "id") { id: ID! name: String made: String next: Thing${(n + 1) % types} }`).join('\n')}
`

const PROTECTED = ' @requiresScope(scope: "personalization")'

const checked = (types, scope) => {
  const sides = [PROTECTED, scope].map((protection, side) => {
    const directory = join(data, `check-${types}-${side}`)
    mkdirSync(directory, { recursive: true })
    writeFileSync(join(directory, 'people.graphql'), subgraph(types, protection))
    return directory
  })
  const [base, head] = sides
  const { status, stdout, stderr } = spawnSync(
    'node',
    ['bin/assent.js', 'schema', 'check', '--base', base, '--head', head],
    { cwd: root, encoding: 'utf8' },
  )
  return { status, told: `${stdout}${stderr}` }
}

try {
  for (const types of [1, 2_500]) {
    const loosened = checked(types, '')
    if (loosened.status !== 1 || !loosened.told.includes('people.graphql'))
      fail(`a scope that is gone, among ${types} types: ${loosened.status}, ${loosened.told}`)
    const same = checked(types, PROTECTED)
    if (same.status !== 0) fail(`nothing changed among ${types} types: ${same.status}, ${same.told}`)
  }
  const first = await start()
  const people = await ask(first.url)
  const proof = spawnSync('node', ['bin/assent.js', 'ask', '1', '--sent', '--url', first.url], {
    cwd: root,
    encoding: 'utf8',
  })
  if (proof.status !== 0 || !proof.stdout.includes('_entities'))
    fail(`ask --sent: ${proof.stdout}${proof.stderr}`)
  await stop(first.child)
  const second = await start()
  if ((await ask(second.url)) !== people) fail('the data did not survive the restart')
  const canaries = people.split(',').slice(0, 2)
  const probe = spawnSync(
    'node',
    [
      'bin/assent.js',
      'consent',
      'probe',
      '--gateway',
      second.url,
      '--subject',
      ...canaries,
      '--seconds',
      '5',
      '--data',
      data,
    ],
    { cwd: root, encoding: 'utf8' },
  )
  if (probe.status !== 0) fail(`consent probe: ${probe.stdout}${probe.stderr}`)
  process.stdout.write(probe.stdout)
  await stop(second.child)
  process.stdout.write(`first start: ${first.told}\nsecond start: ${second.told}\n`)
} finally {
  for (const child of running) await stop(child)
  rmSync(data, { recursive: true, force: true })
}
