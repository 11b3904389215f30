export const guardian = `
                                                  needs                         customer  stranger  reseller  foreign  admin  platform
GET /guardian/summary                             guardian.read                 404       404       404       own      yes    yes
GET /guardian/instance                            guardian.read                 404       404       404       404      yes    yes
POST /guardian/instance                           guardian.configure            404       404       404       own      yes    yes
POST /guardian/scan                               guardian.scan                 404       404       404       own      yes    yes
GET /guardian/scans                               guardian.read                 404       404       404       own      yes    yes
GET /guardian/findings                            guardian.read                 404       404       404       own      yes    yes
GET /guardian/remediations                        guardian.read                 404       404       404       own      yes    yes
POST /guardian/remediations/request               guardian.remediate            404       404       404       422      yes    yes
POST /guardian/remediations/:id/approve-tenant    guardian.approve              404       404       404       404      yes    yes
POST /guardian/remediations/:id/approve-platform  guardian.approve_platform+*   404       404       404       404      403    yes
GET /guardian/audit-events                        guardian.read                 404       404       404       own      yes    yes
`;
