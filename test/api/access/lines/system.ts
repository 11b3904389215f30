export const system = `
                        needs          customer  stranger  reseller  foreign  admin  platform
GET /health             public         -         -         -         -        -      -
GET /status             -              own       own       own       own      own    yes
GET /system/health      platform       404       404       404       404      404    yes
GET /system/events      platform       404       404       404       404      404    yes
GET /servers            platform       404       404       404       404      404    yes
GET /servers/:id        platform       404       404       404       404      404    yes
GET /tenants            platform       404       404       404       404      404    yes
GET /tenants/:id        platform       404       404       404       404      404    yes
POST /tenants           platform       404       404       404       404      404    yes
`;
