import { randomUUID } from 'node:crypto'
import { DescribeKeyCommand, KMSClient } from '@aws-sdk/client-kms'
import { describe, expect, test } from 'vitest'
import { createAwsKms } from '../../subgraphs/identity/pseudonyms/aws-kms.ts'
import { kmsContract } from './kms.contract.ts'

const endpoint = process.env['TEST_AWS_KMS_URL'] ?? ''

describe.skipIf(endpoint === '')('AWS KMS', () => {
  // What the client finds where it finds them in production; the stand-in takes any.
  process.env['AWS_ACCESS_KEY_ID'] ??= 'nobody'
  process.env['AWS_SECRET_ACCESS_KEY'] ??= 'nothing'
  const prefix = `assent-${randomUUID()}`

  const region = 'eu-central-1'

  kmsContract(
    'AWS KMS',
    () => createAwsKms({ region, endpoint, prefix }),
    async (keyId) => {
      const client = new KMSClient({ region, endpoint })
      const { KeyMetadata } = await client.send(new DescribeKeyCommand({ KeyId: keyId }))
      client.destroy()
      return KeyMetadata?.KeyState === 'PendingDeletion'
    },
  )

  test('that is not there is away: ask again', async () => {
    const nowhere = await createAwsKms({ region, endpoint: 'http://127.0.0.1:1', prefix })
    await expect(nowhere.mac('1', [Buffer.from('ada')])).rejects.toMatchObject({ code: 'KEYS_UNAVAILABLE' })
    await nowhere.close()
  })
})
