export const people = `
                                  needs             customer  stranger  reseller  foreign  admin  platform
GET /users                        users.read        404       404       yes       own      yes    yes
GET /users/:id                    users.read        404       404       yes       404      yes    yes
POST /users                       users.write       404       404       403       own      yes    yes
PUT /users/:id                    users.write       404       404       403       404      yes    yes
DELETE /users/:id                 users.write       404       404       403       404      yes    yes
POST /users/:id/invite            users.write       404       404       403       404      yes    yes
DELETE /users/:id/second-factor   users.write       404       404       403       404      yes    yes
GET /oidc-connections             users.read        404       404       yes       own      yes    yes
POST /oidc-connections            users.write+*     404       404       403       own      yes    yes
PUT /oidc-connections/:id         users.write+*     404       404       403       404      yes    yes
DELETE /oidc-connections/:id      users.write+*     404       404       403       404      yes    yes
GET /customers                    customers.read    yes       own       yes       own      yes    yes
GET /customers/:id                customers.read    yes       404       yes       404      yes    yes
POST /customers                   customers.write   403       403       yes       own      yes    yes
PUT /customers/:id                customers.write   yes       404       yes       404      yes    yes
`;
