import { createMemoryIdentityStore } from '../../subgraphs/identity/memory-store.ts'
import { identityRotationContract } from '../contract/identity-rotation.contract.ts'

identityRotationContract('memory', async () => createMemoryIdentityStore(), {
  killedAt: 'every place',
})
