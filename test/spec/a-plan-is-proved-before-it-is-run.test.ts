import { expect, test, vi } from 'vitest'
import type { QueryPlan } from '../../gateway/plan/query-plan.ts'
import { peopleGraph } from '../support/people-graph.ts'
import { createWorld } from '../support/world.ts'

/** A cut that forgets its work. */
vi.mock('../../gateway/plan/cut.ts', () => ({ cut: (plan: QueryPlan) => plan }))

const refused: readonly string[] = [
  '{ person(id: "ada") { email } }',
  '{ person(id: "ada") { household { name address { street } } } }',
  '{ contacts { email } }',
  'mutation { rename(id: "ada", name: "Adah") { ssn } }',
]

for (const query of refused)
  test(`without the cut, ${query} is refused and nothing is sent`, async () => {
    const sent: string[] = []
    const world = createWorld({
      ...peopleGraph,
      tamper: ({ document }, response) => {
        sent.push(document)
        return response
      },
    })
    await expect(world.ask(query)).rejects.toMatchObject({ code: 'PLAN_UNFENCED' })
    expect(sent).toEqual([])
  })

test('without the cut, what is open is answered', async () => {
  const { data } = await createWorld(peopleGraph).ask('{ person(id: "ada") { name household { name } } }')
  expect(data).toEqual({ person: { name: 'Ada', household: [{ name: 'Bo' }, { name: 'Cyd' }] } })
})
