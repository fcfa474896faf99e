/** What can be wrong with receipts, each in a sentence for who has to look. */
export const DAMAGES = {
  ALTERED: 'what is stored is not what was hashed',
  BROKEN_LINK: 'it does not continue the receipt before it',
  BAD_SIGNATURE: 'the signature is not one of ours over this chain',
  UNSIGNED_END: 'the end of the chain is not signed: something behind it may be missing',
  MISSING_POSITION: 'the receipt before it in the chain is missing',
  MISSING_RECEIPT: 'what was written with this revision is missing from every chain',
  MISSING_REVISION: 'the write with this revision is missing',
  STRAY_RECEIPT: 'it is in the chain of nobody, or was never told as a write',
  KEY_UNREADABLE: 'the key of this person opens under none of the master keys',
  MARK_UNSEALED: 'that the person was blocked, or is not any more, is in their chain otherwise or not at all',
  UNREADABLE: 'it does not open under the key of its person',
  FOREIGN: 'it is about another person than the owner of the chain',
  OUT_OF_ORDER: 'its version or predecessor is not the one that follows',
  HEAD_DIFFERS: 'what decisions read is not what was said last',
  CHANGE_DIFFERS: 'what was told as a change is not what was said',
  PERSON_DIFFERS: 'what is kept of the person is not what the writes about them say',
  LINK_ALTERED:
    'what is stored of a link of pids is not what was hashed, or does not continue the link before it',
  LINK_MISSING: 'a link of pids, or the end of one, was written with this revision or before and is missing',
  LINK_DIFFERS: 'which pids decisions take for one person’s is not what was decided',
  ERASED_REMAINS: 'something of an erased person is left in clear',
} as const

export type DamageKind = keyof typeof DAMAGES

export interface Damage {
  readonly kind: DamageKind
  /** Of the write that is damaged; null where it is not about one write. */
  readonly revision: number | null
  /** The random id of the person's chain; null where there is none. */
  readonly chain: string | null
}
