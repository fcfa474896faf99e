/**
 * What our gateway does not do yet, by suite and case, with the reason. A case that starts to pass fails here until its
 * line is deleted.
 */
export const NOT_YET: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'interface-objects': {
    'only what the interface object has, no type is needed': 'the type name is asked where nothing needs it',
  },
  'interface-object-nested': {
    'own fields along the way': 'the type name is asked where nothing needs it',
  },
}

/** The same behind the fence, where requests are not counted. */
export const NOT_YET_FENCED: typeof NOT_YET = {}
