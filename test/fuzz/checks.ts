/**
 * What schemathesis holds an answer to. By default everything; what is left out or widened here is a promise that the API
 * does not make.
 */
const CHECKS = `
[checks]
# A request can be right by its schema and wrong by what is there: 409, 410, 422.
positive_data_acceptance.expected-statuses = ["2xx", "401", "403", "404", "409", "410", "413", "422", "429"]
`;

/** For what is made up from the document. */
export const MADE_UP = `${CHECKS}
# No schema can say that a signature is right.
[[operations]]
include-name = "POST /api/payments/stripe/webhook"
checks.positive_data_acceptance.enabled = false
`;

/** For ways along the document's links, and none that schemathesis guesses. */
export const ALONG_LINKS = `${CHECKS}
[phases.stateful]
inference.algorithms = []
`;
