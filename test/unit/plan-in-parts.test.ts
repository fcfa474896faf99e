import { type OperationDefinitionNode, parse } from 'graphql'
import { describe, expect, it } from 'vitest'
import { loadWorld } from '../../gateway/plan/load-world.ts'
import { planOperation } from '../../gateway/plan/plan.ts'
import type { Planner, PlannerGraph } from '../../gateway/plan/planner.ts'
import { loadSuites } from '../support/conformance/suite.ts'

const [suite] = loadSuites(['requires-behind-relation'])
const supergraph = suite?.supergraph ?? ''
const honest = loadWorld(supergraph).planner

/** Plans, and tells which supergraph each document was planned for. */
const worldWith = (plan: Planner['plan']) => {
  const asked: PlannerGraph[] = []
  const world = loadWorld(supergraph, () => ({
    plan: (text, flags, graph = 'served') => {
      asked.push(graph)
      return plan(text, flags, graph)
    },
    close: () => undefined,
  }))
  const planned = async (text: string) => {
    const [operation] = parse(text).definitions as [OperationDefinitionNode]
    asked.length = 0
    return planOperation(operation, operation.selectionSet.selections, world)
  }
  return { planned, asked }
}

describe('Planning in parts', () => {
  it('begins only where the planner has no plan: until then nobody needs a second supergraph', async () => {
    const { planned, asked } = worldWith(honest.plan)
    await planned('{ person { greeting } }')
    expect(asked).toEqual(['served'])
    await planned('{ person { mentor { greeting } } }')
    expect(asked).toEqual(['served', 'served', 'entered', 'entered'])
  })

  it('ends after so many questions, and is not begun again for the same operation', async () => {
    const { planned, asked } = worldWith(() => Promise.reject(new Error('no')))
    const deep = `{ person { ${'mentor { greeting '.repeat(12)} ${'}'.repeat(12)} } }`
    await expect(planned(deep)).rejects.toMatchObject({ code: 'PLAN_FAILED' })
    expect(asked.length).toBeGreaterThan(2)
    expect(asked.length).toBeLessThan(60)
    await expect(planned(deep)).rejects.toMatchObject({ code: 'PLAN_FAILED' })
    expect(asked).toEqual(['served', 'served'])
  })
})
