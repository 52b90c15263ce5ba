/** The name under which the client's interceptor sends who asks, in headers and in details. Workflows read it in their sandbox. */
export const askedField = 'steptrail-asked'
