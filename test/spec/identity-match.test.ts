import { existsSync, readFileSync } from 'node:fs'
import { beforeAll, describe, expect, it } from 'vitest'
import { crmLikePeople } from '../support/people/crm-like-people.ts'
import { febrlLikePeople, inTwoFiles } from '../support/people/febrl-like-people.ts'
import { createMatchingDesk } from '../support/people/matching-desk.ts'
import { scoreClusters, scorePairs } from '../support/people/score-matching.ts'

const desk = createMatchingDesk()
const people = crmLikePeople({ people: 400, seed: 11 })
desk.putPeople('people', people)
const MATCH = ['--input', 'people.csv', '--mapping', 'people.yaml']
const OUT = ['--output', 'pairs.csv', '--clusters', 'clusters.csv']

const clustersIn = (name: string): [string, string][] =>
  desk.rows(name).map(([id = '', cluster = '']) => [id, cluster])
const mergesIn = (name: string): [string, string][] =>
  desk
    .rows(name)
    .flatMap(([left = '', right = '', , decision]) => (decision === 'merge' ? [[left, right]] : []))

describe('matching a table', () => {
  let report = ''
  let progress = ''
  beforeAll(async () => {
    const { code, out, err } = await desk.match(...MATCH, ...OUT, '--model', 'model.json')
    expect(code).toBe(0)
    ;[report, progress] = [out, err]
  })

  it('writes pairs, each once, with a probability and what to do', () => {
    expect(readFileSync(desk.path('pairs.csv'), 'utf8')).toMatch(/^left_id,right_id,probability,decision\n/)
    const pairs = desk.rows('pairs.csv')
    expect(new Set(pairs.map(([left = '', right = '']) => [left, right].toSorted().join(' '))).size).toBe(
      pairs.length,
    )
    for (const [left = '', right = '', probability, decision] of pairs) {
      expect(people.personOf.has(left) && people.personOf.has(right) && left !== right).toBe(true)
      expect(Number(probability)).toBeGreaterThanOrEqual(0)
      expect(Number(probability)).toBeLessThanOrEqual(1)
      expect(decision).toMatch(/^(merge|possible)$/)
    }
  })

  it('writes every row into one cluster, alone or not, named after one of its rows', () => {
    expect(readFileSync(desk.path('clusters.csv'), 'utf8')).toMatch(/^id,cluster\n/)
    const clusters = clustersIn('clusters.csv')
    expect(new Set(clusters.map(([id]) => id))).toEqual(new Set(people.personOf.keys()))
    expect(clusters.length).toBe(people.personOf.size)
    const clusterOf = new Map(clusters)
    for (const [, cluster] of clusters) expect(clusterOf.get(cluster)).toBe(cluster)
  })

  it('merges only what ends up in one cluster', () => {
    const clusterOf = new Map(clustersIn('clusters.csv'))
    for (const [left, right] of mergesIn('pairs.csv')) expect(clusterOf.get(left)).toBe(clusterOf.get(right))
  })

  it('finds people among households, twins and shared mailboxes', () => {
    expect(scoreClusters(clustersIn('clusters.csv'), people.personOf).f1).toBeGreaterThan(0.9)
    const merges = scorePairs(mergesIn('pairs.csv'), people.personOf)
    expect(merges.precision).toBeGreaterThan(0.97)
    expect(merges.recall).toBeGreaterThan(0.75)
  })

  it('reports what was read, learned and found, and no value of anybody', () => {
    expect(report).toContain(`people.csv: ${people.rows.length} records; utf-8, separated by commas`)
    expect(report).toMatch(/^date_of_birth +date_of_birth +\d\d\.\d %/m)
    expect(report).toMatch(/^not used: source$/m)
    expect(report).toMatch(/\d+ candidate pairs, found by .*e-mail/)
    expect(report).toMatch(/rounds of EM, seed 1$/m)
    expect(report).toMatch(/^Pairs: \d+ to merge \(probability from 0\.\d+\), \d+ possible/m)
    expect(report).toMatch(/^records +clusters\n1 +\d+\n2 +\d+/m)
    expect(report).toMatch(/\d+ records, [\d.]+ s of CPU, [\d.]+ s in all, \d+ MB at most\n$/)
    for (const secret of people.rows.flatMap((row) => row.slice(4, 7)).filter((cell) => cell !== ''))
      expect(report + progress).not.toContain(secret)
  })

  it('tells its progress where nobody looks at a terminal', () => {
    expect(progress).toMatch(/100 % {2}reading/)
    expect(progress).toMatch(/100 % {2}clustering/)
    expect(progress).not.toContain('\u001B')
  })

  it('gives the same files for the same rows in another order, and for what was learned before', async () => {
    const { columns, rows } = people
    desk.putPeople('again', { ...people, columns, rows: rows.toReversed() })
    const again = ['--mapping', 'people.yaml', '--output', 'pairs-2.csv', '--clusters', 'clusters-2.csv']
    for (const args of [
      ['--input', 'again.csv'],
      ['--input', 'people.csv', '--model', 'model.json'],
    ]) {
      expect((await desk.match(...args, ...again)).code).toBe(0)
      expect(new Set(desk.rows('pairs-2.csv').map(String))).toEqual(
        new Set(desk.rows('pairs.csv').map(String)),
      )
      expect(new Map(clustersIn('clusters-2.csv'))).toEqual(new Map(clustersIn('clusters.csv')))
    }
  })

  it('refuses a model that is none', async () => {
    desk.put('other.json', '{"version":"people-0"}')
    const { code, err } = await desk.match(...MATCH, ...OUT, '--model', 'other.json')
    expect(code).toBe(2)
    expect(err).toContain('--model')
  })

  it('tells more pairs to a person when that is asked for, and never fewer merges by it', async () => {
    const { code } = await desk.match(...MATCH, '--thresholds', '0.1,0.9', '--output', 'pairs-3.csv')
    expect(code).toBe(0)
    expect(existsSync(desk.path('clusters-3.csv'))).toBe(false)
    const merges = new Set(mergesIn('pairs-3.csv').map(String))
    expect(mergesIn('pairs.csv').filter((pair) => !merges.has(String(pair)))).toEqual([])
    expect(desk.rows('pairs-3.csv').length).toBeGreaterThanOrEqual(desk.rows('pairs.csv').length)
  })
})

describe('thresholds', () => {
  it('are two probabilities, the smaller one first', async () => {
    expect((await desk.match(...MATCH, '--thresholds', '0.9,0.1', ...OUT)).code).toBe(2)
  })
})

describe('explaining a pair', () => {
  const bitsIn = (out: string): number[] =>
    out.split('\n').flatMap((line) => {
      const bits = /^(?!all together).*? ([+-]\d+\.\d\d) +[-+ ]*\|/.exec(line)
      return bits?.[1] === undefined ? [] : [Number(bits[1])]
    })

  it('shows what speaks for and against, and adds up', async () => {
    const [left = '', right = ''] = mergesIn('pairs.csv')[0] ?? []
    const { code, out } = await desk.match(...MATCH, '--explain', left, right)
    expect(code).toBe(0)
    expect(out).toMatch(new RegExp(`^${left} {2}${right}\n`))
    expect(out).toMatch(/^before looking +two rows taken at random +-/m)
    expect(out).toMatch(/probability (1\.0|0\.99)\d+: merge$/m)
    expect(out).toContain('They are in one cluster.')
    const total = Number(/^all together +([+-][\d.]+)/m.exec(out)?.[1])
    expect(bitsIn(out).reduce((sum, bits) => sum + bits, 0)).toBeCloseTo(total, 0)
  })

  it('tells why not, too: which veto, or how little speaks for it', async () => {
    desk.put(
      'twins.csv',
      `id,given_name,surname,email,phone,date_of_birth,street,postcode
1,Ada,Holt,holtfamily@mail.example,0293331234,1990-02-09,Elm Street 5,2000
2,Bo,Holt,holtfamily@mail.example,0293331234,1990-02-09,Elm Street 5,2000
3,Cyd,Marsh,cyd.marsh@mail.example,0411111234,1970-03-04,Oak Road 7,3000
`,
    )
    const twins = await desk.match('--input', 'twins.csv', '--explain', '1', '2')
    expect(twins.out).toMatch(/^never one person: The given names are incompatible/m)
    expect(twins.out).toContain('They are in different clusters.')
    const strangers = await desk.match('--input', 'twins.csv', '--explain', '1', '3')
    expect(strangers.out).toMatch(/probability 0\.000\d+: nothing to say, kept apart$/m)
  })

  it('knows ids only as the tables have them', async () => {
    expect(await desk.match(...MATCH, '--explain', 'r00001', 'nobody')).toMatchObject({ code: 2 })
    expect(await desk.match(...MATCH, '--explain', 'r00001')).toMatchObject({ code: 2 })
  })
})

describe('matching several tables', () => {
  it('finds who is in both', async () => {
    const all = febrlLikePeople({ people: 300, seed: 5, copies: 'one' })
    const [originals, copies] = inTwoFiles(all)
    desk.putPeople('originals', originals)
    desk.putPeople('copies', copies)
    const both = ['--input', 'originals.csv', '--input', 'copies.csv']
    const { code, out } = await desk.match(...both, '--mapping', 'originals.yaml', ...OUT)
    expect(code).toBe(0)
    expect(out).toContain('originals.csv: 300 records')
    expect(out).toContain('copies.csv: 300 records')
    expect(scoreClusters(clustersIn('clusters.csv'), all.personOf)).toMatchObject({ mixedClusters: 0 })
    expect(scoreClusters(clustersIn('clusters.csv'), all.personOf).f1).toBeGreaterThan(0.99)
  })

  it('whose columns have other names, with a mapping each', async () => {
    const cut = people.rows.length / 2
    const named = ([id, , given, family, email, phone]: readonly string[]): string =>
      `${id};${given} ${family};${email};${phone}\n`
    desk.put('shop.csv', `nr;Name;Mail;Tel\n${people.rows.slice(0, cut).map(named).join('')}`)
    desk.put('shop.yaml', 'id: nr\nfields: {Name: full_name, Mail: email, Tel: phone}\n')
    desk.putPeople('crm', { ...people, rows: people.rows.slice(cut) })
    const both = ['--input', 'shop.csv', '--input', 'crm.csv', ...OUT]
    const { code } = await desk.match(...both, '--mapping', 'shop.yaml', '--mapping', 'crm.yaml')
    expect(code).toBe(0)
    const clusters = clustersIn('clusters.csv')
    expect(scoreClusters(clusters, people.personOf).f1).toBeGreaterThan(0.8)
    const { code: refused, err } = await desk.match(...both, '--mapping', 'shop.yaml')
    expect(refused).toBe(2)
    expect(err).toContain('shop.yaml, crm.csv: there is no column nr')
  })
})

describe('a table of next to nothing', () => {
  it.each([
    ['a header only', 'id,given_name\n', 0],
    ['one row', 'id,given_name\n1,Ada\n', 1],
    ['rows that say nothing', 'id,given_name,email\n1,,\n2,,\n3,n/a,null@example.com\n', 3],
    [
      'the same row over and over',
      `id,given_name,email\n${[1, 2, 3].map((id) => `${id},Ada,ada@mail.example\n`).join('')}`,
      3,
    ],
  ])('is matched as far as it goes: %s', async (_, table, rows) => {
    desk.put('small.csv', table)
    desk.put('small.yaml', 'id: id\nfields: {given_name: given_name}\n')
    const { code, err } = await desk.match('--input', 'small.csv', '--mapping', 'small.yaml', ...OUT)
    expect({ code, err: /Error|NaN/.test(err) }).toEqual({ code: 0, err: false })
    expect(desk.rows('clusters.csv').filter(([id]) => id !== '').length).toBe(rows)
    if (rows < 3) expect(desk.rows('pairs.csv').filter(([id]) => id !== '')).toEqual([])
  })
})

describe('a table as somebody writes it to try', () => {
  it('of three rows is matched by what anybody would say', async () => {
    desk.put(
      'tried.csv',
      `id,given,family,mail,phone
1,Ada,Holt,ada.holt@mail.example,+61412000123
2,Ada,Holt,Ada.Holt@mail.example,0412 000 123
3,Bo,Marsh,bo.marsh@mail.example,0498765432
`,
    )
    const { code } = await desk.match('--input', 'tried.csv', ...OUT)
    expect(code).toBe(0)
    expect(desk.rows('pairs.csv').map(([left, right]) => [left, right])).toEqual([['1', '2']])
    const clusterOf = new Map(clustersIn('clusters.csv'))
    expect(clusterOf.get('1')).toBe(clusterOf.get('2'))
    expect(clusterOf.get('3')).toBe('3')
  })
})
