import type { HttpDoor, HttpDoorOptions } from '../../gateway/door/http-door.ts'
import type { GraphqlDoorOptions } from '../../gateway/door/graphql-door.ts'
import { AssentError } from '../../gateway/errors.ts'
import type { Executing } from '../../gateway/door/asking.ts'
import type { Gateway } from '../../gateway/gateway.ts'
import type { Caller, ClientContract } from '../../gateway/ports.ts'
import { openTestDoor } from './open-test-door.ts'
import { peopleEvents, type PeopleEvents } from './people-events.ts'
import { callerWith, createWorld, type World, type WorldOptions } from './world.ts'

export interface PeopleDoor extends HttpDoor {
  readonly events: PeopleEvents
  readonly world: World
}

export interface PeopleDoorOptions {
  readonly http?: Partial<HttpDoorOptions>
  readonly limits?: GraphqlDoorOptions['limits']
  readonly world?: Partial<WorldOptions>
  readonly contract?: Partial<ClientContract>
  /** What stands between door and gateway. */
  readonly within?: (gateway: Gateway) => Executing
  /** Of the caller, who is everybody whose `authorization` is not `nobody`. */
  readonly expiresAt?: number
}

/** The people graph and its events, behind a real port. */
export const openPeopleDoor = async (options: PeopleDoorOptions = {}): Promise<PeopleDoor> => {
  const events = peopleEvents()
  const world = createWorld({ ...events, ...options.world })
  const { gateway } = world
  const executing = options.within?.(gateway) ?? gateway
  const door = await openTestDoor({
    apiSchema: gateway.apiSchema,
    execute: (request) => executing.execute(request),
    executeInParts: (request) => executing.executeInParts(request),
    subscribe: (request) => executing.subscribe(request),
    identify: async ({ header }): Promise<Caller> => {
      if (header('authorization') === 'nobody') throw new AssentError('TOKEN_INVALID', 'authorization')
      return {
        ...callerWith({ scopes: world.vocabularyScopes, contract: options.contract ?? {} }),
        expiresAt: options.expiresAt ?? null,
      }
    },
    ...(options.limits && { limits: options.limits }),
    ...(options.http && { http: options.http }),
  })
  return { ...door, events, world }
}
