export const auth = `
                                    needs    customer  stranger  reseller  foreign  admin  platform
POST /auth/login                    public   -         -         -         -        -      -
POST /auth/login/second-factor      public   -         -         -         -        -      -
POST /auth/refresh                  public   -         -         -         -        -      -
POST /auth/password/forgot          public   -         -         -         -        -      -
POST /auth/password/reset           public   -         -         -         -        -      -
GET /auth/oidc/:id/start            public   -         -         -         -        -      -
GET /auth/oidc/:id/callback         public   -         -         -         -        -      -
POST /auth/oidc/finish              public   -         -         -         -        -      -
POST /auth/oidc/:id/logout          public   -         -         -         -        -      -
GET /auth/me                        -        yes       own       own       own      own    yes
POST /auth/logout                   self     -         -         -         -        -      -
POST /auth/password                 self     -         -         -         -        -      -
POST /auth/second-factor            self     -         -         -         -        -      -
POST /auth/second-factor/confirm    self     -         -         -         -        -      -
POST /auth/second-factor/off        self     -         -         -         -        -      -
GET /api-keys                       self     own       own       own       own      own    yes
POST /api-keys                      self     own       own       own       own      own    yes
DELETE /api-keys/:id                self     404       404       404       404      404    yes
`;
