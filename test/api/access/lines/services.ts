export const services = `
                                         needs                  customer  stranger  reseller  foreign  admin  platform
GET /cloudpods                           cloudpods.read         yes       own       yes       own      yes    yes
GET /cloudpods/:id                       cloudpods.read         yes       404       yes       404      yes    yes
POST /cloudpods                          cloudpods.create       yes       404       yes       422      yes    yes
POST /cloudpods/:id/suspend              cloudpods.suspend      403       404       yes       404      yes    yes
POST /cloudpods/:id/unsuspend            cloudpods.suspend      403       404       yes       404      yes    yes
POST /cloudpods/:id/reveal               cloudpods.reveal       yes       404       yes       404      yes    yes
DELETE /cloudpods/:id                    cloudpods.delete       403       404       yes       404      yes    yes
GET /jobs                                jobs.read              yes       own       yes       own      yes    yes
GET /jobs/:id                            jobs.read              yes       404       yes       404      yes    yes
POST /jobs/:id/retry                     jobs.operate           403       404       403       404      yes    yes
POST /jobs/:id/skip                      jobs.operate           403       404       403       404      yes    yes
POST /jobs/:id/give-up                   jobs.operate           403       404       403       404      yes    yes
GET /domains                             domains.read           yes       own       yes       own      yes    yes
GET /domains/search                      domains.read           yes       yes       yes       own      yes    yes
GET /domains/:id                         domains.read           yes       404       yes       404      yes    yes
PUT /domains/:id                         domains.renew          yes       404       yes       404      yes    yes
POST /domains/register                   domains.register       yes       404       yes       422      yes    yes
POST /domains/:id/renew                  domains.renew          yes       404       yes       404      yes    yes
GET /dns/zones                           dns.read               yes       own       yes       own      yes    yes
GET /dns/zones/:id/records               dns.read               yes       404       yes       404      yes    yes
POST /dns/zones/:id/records              dns.write              yes       404       yes       404      yes    yes
PUT /dns/zones/:id/records/:recordId     dns.write              yes       404       yes       404      yes    yes
DELETE /dns/zones/:id/records/:recordId  dns.write              yes       404       yes       404      yes    yes
GET /email/domains                       email.read             yes       own       yes       own      yes    yes
POST /email/domains                      email.write            yes       422       yes       422      yes    yes
GET /email/mailboxes                     email.read             yes       own       yes       own      yes    yes
POST /email/mailboxes                    email.write            yes       404       yes       404      yes    yes
PUT /email/mailboxes/:id                 email.write            yes       404       yes       404      yes    yes
POST /email/mailboxes/:id/reveal         email.reveal           yes       404       yes       404      yes    yes
DELETE /email/mailboxes/:id              email.write            yes       404       yes       404      yes    yes
GET /ssl/certificates                    certificates.read      yes       own       yes       own      yes    yes
POST /ssl/certificates                   certificates.write     yes       422       yes       422      yes    yes
POST /ssl/certificates/:id/renew         certificates.write     yes       404       yes       404      yes    yes
GET /ssl/certificates/:id/download       certificates.download  yes       404       yes       404      yes    yes
GET /audit                               audit.read             404       404       404       own      yes    yes
`;
