import type * as Sdk from '@aws-sdk/client-kms'
import { CodedFailure } from '../../coded-failure.ts'
import { inLanes } from './in-lanes.ts'
import type { Kms } from './kms.ts'

export interface AwsKmsOptions {
  readonly region: string
  /** Another address than the region's own: a VPC endpoint, or a stand-in. */
  readonly endpoint?: string
  /** What the aliases of our keys begin with: `alias/<prefix>-mac-1`, `alias/<prefix>-wrapping`. */
  readonly prefix: string
}

/**
 * AWS KMS: `GenerateMac` with an HMAC_256 key a version, `Encrypt` and `Decrypt` with a symmetric one. Keys there have no
 * versions of their own, so each version is a key with an alias. Credentials are found as every AWS client finds them.
 * The library is loaded by those alone who use it.
 */
export async function createAwsKms({ region, endpoint, prefix }: AwsKmsOptions): Promise<Kms> {
  const sdk = await import('@aws-sdk/client-kms')
  const client = new sdk.KMSClient({ ...PATIENCE, region, ...(endpoint !== undefined && { endpoint }) })
  const wrapping = `alias/${prefix}-wrapping`
  const keys = keyMaker(sdk, client)

  return {
    mac: (keyId, messages) =>
      inLanes(messages, LANES, async (message) => {
        const command = new sdk.GenerateMacCommand({
          KeyId: keyId,
          MacAlgorithm: 'HMAC_SHA_256',
          Message: message,
        })
        return bytesOf((await answered(client.send(command))).Mac)
      }),
    async encrypt(plain, bound) {
      const EncryptionContext = { assent: bound }
      const command = new sdk.EncryptCommand({ KeyId: wrapping, Plaintext: plain, EncryptionContext })
      return bytesOf((await answered(client.send(command))).CiphertextBlob)
    },
    async decrypt(sealed, bound) {
      const EncryptionContext = { assent: bound }
      const command = new sdk.DecryptCommand({ KeyId: wrapping, CiphertextBlob: sealed, EncryptionContext })
      try {
        return bytesOf((await client.send(command)).Plaintext)
      } catch (error) {
        if (isOneOf(error, 'InvalidCiphertextException', 'IncorrectKeyException')) return null
        throw failureOf(error)
      }
    },
    async makeMacKey(version) {
      await keys.make(wrapping, { KeySpec: 'SYMMETRIC_DEFAULT', KeyUsage: 'ENCRYPT_DECRYPT' })
      const alias = `alias/${prefix}-mac-${version}`
      return keys.make(alias, { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' })
    },
    async destroyMacKey(keyId) {
      // From now on nobody can use it; AWS keeps it for the shortest time it can be told to, in case of a mistake.
      const command = new sdk.ScheduleKeyDeletionCommand({ KeyId: keyId, PendingWindowInDays: 7 })
      try {
        await client.send(command)
      } catch (error) {
        if (!isOneOf(error, 'NotFoundException', 'KMSInvalidStateException')) throw failureOf(error)
      }
    },
    async close() {
      client.destroy()
    },
  }
}

const PATIENCE = { maxAttempts: 3, requestHandler: { connectionTimeout: 2_000, requestTimeout: 5_000 } }

/** Calls at a time: below what the smallest regions allow a second. */
const LANES = 32

/** Makes keys that have a name, once. */
function keyMaker(sdk: typeof Sdk, client: Sdk.KMSClient) {
  const idOf = async (alias: string): Promise<string | null> => {
    try {
      const { KeyMetadata } = await client.send(new sdk.DescribeKeyCommand({ KeyId: alias }))
      return KeyMetadata?.KeyId ?? null
    } catch (error) {
      if (isOneOf(error, 'NotFoundException')) return null
      throw failureOf(error)
    }
  }
  return {
    async make(alias: string, what: Sdk.CreateKeyCommandInput): Promise<string> {
      const known = await idOf(alias)
      if (known !== null) return known
      const { KeyMetadata } = await answered(
        client.send(new sdk.CreateKeyCommand({ ...what, Description: 'Assent identity' })),
      )
      const made = KeyMetadata?.KeyId ?? ''
      try {
        await client.send(new sdk.CreateAliasCommand({ AliasName: alias, TargetKeyId: made }))
        return made
      } catch (error) {
        // Somebody else was first: theirs is the key, and ours was never used.
        const theirs = isOneOf(error, 'AlreadyExistsException') ? await idOf(alias) : null
        if (theirs === null) throw failureOf(error)
        await answered(
          client.send(new sdk.ScheduleKeyDeletionCommand({ KeyId: made, PendingWindowInDays: 7 })),
        )
        return theirs
      }
    },
  }
}

async function answered<T>(asking: Promise<T>): Promise<T> {
  try {
    return await asking
  } catch (error) {
    throw failureOf(error)
  }
}

const isOneOf = (error: unknown, ...names: readonly string[]): boolean =>
  names.includes((error as Error).name)

/** What passes by itself although it is answered with a number between 400 and 499. */
const THROTTLED = [
  'ThrottlingException',
  'LimitExceededException',
  'RequestTimeout',
  'TooManyRequestsException',
]

/** The library's message may quote what was sent; the name of the error does not. */
function failureOf(error: unknown): CodedFailure {
  const { name, $metadata } = error as Partial<Sdk.KMSServiceException>
  const status = $metadata?.httpStatusCode ?? 0
  const isRefused = status >= 400 && status < 500 && !isOneOf(error, ...THROTTLED)
  const isUnproven = isOneOf(error, 'CredentialsProviderError')
  return new CodedFailure(isRefused || isUnproven ? 'KEY_REFUSED' : 'KEYS_UNAVAILABLE', `AWS KMS, ${name}`)
}

function bytesOf(value: Uint8Array | undefined): Buffer {
  if (value === undefined) throw new CodedFailure('KEYS_UNAVAILABLE', 'AWS KMS, an answer without its value')
  return Buffer.from(value)
}
