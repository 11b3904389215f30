export const shop = `
                                 needs                 customer  stranger  reseller  foreign  admin  platform
GET /products                    products.read         yes       yes       yes       own      yes    yes
GET /products/:id                products.read         yes       yes       yes       404      yes    yes
POST /products                   products.write        403       403       403       own      yes    yes
PUT /products/:id                products.write        403       403       403       404      yes    yes
DELETE /products/:id             products.write        403       403       403       404      yes    yes
POST /orders                     orders.create         yes       404       yes       422      yes    yes
GET /orders/:id                  orders.read           yes       404       yes       404      yes    yes
GET /orders/:id/timeline         orders.read           -         404       -         404      -      -
POST /orders/:id/timeline/ticket orders.read           yes       404       yes       404      yes    yes
GET /invoices                    invoices.read         yes       own       yes       own      yes    yes
GET /invoices/:id                invoices.read         yes       404       yes       404      yes    yes
PATCH /invoices/:id/status       invoices.settle       403       404       403       404      yes    yes
POST /payments/session           payments.create       yes       404       yes       404      yes    yes
POST /payments/stripe/webhook    public                -         -         -         -        -      -
GET /subscriptions               subscriptions.read    yes       own       yes       own      yes    yes
GET /subscriptions/:id           subscriptions.read    yes       404       yes       404      yes    yes
POST /subscriptions/:id/cancel   subscriptions.cancel  yes       404       yes       404      yes    yes
POST /subscriptions/:id/keep     subscriptions.cancel  yes       404       yes       404      yes    yes
`;
