/**
 * What our gateway does not do yet, by suite and case, with the reason. A case that starts to pass fails here until its
 * line is deleted.
 */
export const NOT_YET: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  parallelism: {
    'a hop does not wait for a root field it does not need': 'hops go by waves of the whole plan',
  },
}
