import { Command } from 'commander'
import { atStores, type StoreFlags, withStores } from './identity-graph.ts'

export const rewrapCommand = (): Command =>
  withStores(new Command('rewrap'))
    .description(
      'Puts the key of every record of the vault under the wrapping key in use; can be broken off and run again.',
    )
    .action((flags: StoreFlags) =>
      atStores(flags, async ({ vault }) => {
        const rewrapped = await vault.rewrap((done) => console.error(`${done} keys rewrapped`))
        console.log(`${rewrapped} keys rewrapped`)
      }),
    )
