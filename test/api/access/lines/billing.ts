export const billing = `
                                 needs                 customer  stranger  reseller  foreign  admin  platform
GET /billing/plans               products.read         yes       yes       yes       own      yes    yes
GET /billing/addons              products.read         yes       yes       yes       own      yes    yes
GET /billing/settings            billing.read          404       404       yes       own      yes    yes
PUT /billing/settings            billing.write         404       404       403       own      yes    yes
GET /billing/tax-rates           billing.read          404       404       yes       own      yes    yes
POST /billing/tax-rates          billing.write         404       404       403       own      yes    yes
DELETE /billing/tax-rates/:id    billing.write         404       404       403       404      yes    yes
GET /billing/coupons             billing.read          404       404       yes       own      yes    yes
GET /billing/coupons/:id         billing.read          404       404       yes       404      yes    yes
POST /billing/coupons            billing.write         404       404       403       own      yes    yes
PUT /billing/coupons/:id         billing.write         404       404       403       404      yes    yes
DELETE /billing/coupons/:id      billing.write         404       404       403       404      yes    yes
`;
