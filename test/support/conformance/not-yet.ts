/**
 * What our gateway does not do yet, by suite and case, with the reason. A case that starts to pass fails here until its
 * line is deleted.
 */
export const NOT_YET: Readonly<Record<string, Readonly<Record<string, string>>>> = {}

/** The same behind the fence, where requests are not counted. */
export const NOT_YET_FENCED: typeof NOT_YET = {}
