/** What every contract answers; tests whose subject it is not answer the same. */
export const REVIEW = [
  'owner: shop-team',
  'review:',
  '  data: What suits the person.',
  '  purpose: Show the page.',
  '  control: Withdraw in the preference centre.',
  '',
].join('\n')
