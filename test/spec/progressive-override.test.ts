import { parse } from 'graphql'
import { describe, expect, test } from 'vitest'
import { readConfig } from '../../gateway/config.ts'
import { loadWorld } from '../../gateway/plan/load-world.ts'
import { createOverrides } from '../../gateway/plan/overrides.ts'
import { sentLines } from '../support/sent-lines.ts'
import { createWorld, type TestSubgraph } from '../support/world.ts'

const user = { __typename: 'User', id: 'ada' }
const federation =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.7", import: ["@key", "@override"])'
const subgraph = (name: string, sdl: string): TestSubgraph => ({
  name,
  sdl: `${federation} ${sdl}`,
  resolvers: {
    Query: { user: () => user },
    User: {
      __resolveReference: () => user,
      ...Object.fromEntries(['name', 'photo', 'motto'].map((field) => [field, () => `${field} of ${name}`])),
    },
  },
})

const graph = [
  subgraph(
    'old',
    'type Query { user: User } type User @key(fields: "id") { id: ID! name: String photo: String motto: String }',
  ),
  subgraph(
    'new',
    `type User @key(fields: "id") {
      id: ID!
      name: String @override(from: "old", label: "percent(5)")
      photo: String @override(from: "old", label: "percent(12.5)")
      motto: String @override(from: "old", label: "new-mottos")
    }`,
  ),
]
const settings = { subgraphs: graph, consents: {}, unguardedSubgraphs: true }

describe('@override with a share', () => {
  let drawn = 0
  const world = createWorld({ ...settings, random: () => drawn })
  const document = parse('{ user { name photo motto } }')

  test.each([
    [0, 'new', 'new'],
    [0.0499, 'new', 'new'],
    [0.05, 'old', 'new'],
    [0.1249, 'old', 'new'],
    [0.125, 'old', 'old'],
    [0.9999, 'old', 'old'],
  ])(
    'one number a request decides all fields: %d takes name from %s and photo from %s',
    async (number, name, photo) => {
      drawn = number
      const { data, sent } = await world.ask(document)
      expect(data).toEqual({
        user: { name: `name of ${name}`, photo: `photo of ${photo}`, motto: 'motto of old' },
      })
      const ofNew = [...(name === 'new' ? ['name'] : []), ...(photo === 'new' ? ['photo'] : [])].join(' ')
      expect(sentLines(sent).slice(1)).toEqual(ofNew === '' ? [] : [`new: _entities(User ada){${ofNew}}`])
    },
  )

  test('what makes no difference shares a plan', () => {
    const { overrides } = loadWorld(world.supergraph)
    const shares = [...Array(1000).keys()].map((index) => index / 1000)
    const keys = new Set(
      shares.map((share) => createOverrides(overrides, { labels: [], random: () => share })().key),
    )
    expect([...keys]).toEqual(['', 'from 5', 'from 12.5'])
  })

  test('a graph without shares draws nothing', () => {
    const draw = createOverrides(
      { labels: ['new-mottos'], percentages: [0, 100] },
      { labels: [], random: () => expect.fail('drawn') },
    )
    expect(draw().key).toBe('')
  })
})

describe('@override with a name', () => {
  const motto = async (overrideLabels: string[]) => {
    const world = createWorld({ ...settings, overrideLabels, random: () => 0.5 })
    const { data, sent } = await world.ask('{ user { motto } }')
    return { data, sent: sentLines(sent) }
  }

  test('is off where nobody turned it on', async () => {
    expect(await motto(['other'])).toEqual({
      data: { user: { motto: 'motto of old' } },
      sent: ['old: user{motto}'],
    })
  })

  test('is on for every request when the settings name it', async () => {
    const { overrideLabels } = readConfig({ env: {}, yamlText: 'override:\n  labels: [new-mottos]\n' })
    expect(await motto([...overrideLabels])).toMatchObject({ data: { user: { motto: 'motto of new' } } })
  })

  test('a setting that is no list of labels is refused', () => {
    expect(() => readConfig({ env: { ASSENT_OVERRIDE_LABELS: 'percent(5)' } })).toThrow(/override\.labels/)
  })
})
