import { connectPostgres } from '../../subgraphs/database.ts'
import { deliverAsReplica } from './delivering-replica.ts'

// A replica in a process of its own, so that it can be killed.
const [database = '', url = ''] = process.argv.slice(2)
await deliverAsReplica(await connectPostgres(database), 'replica-to-be-killed', url)
