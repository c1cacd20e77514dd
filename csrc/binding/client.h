/* The client: options in, calls out. */
#ifndef DK_BINDING_CLIENT_H
#define DK_BINDING_CLIENT_H

#include "compat.h"

void dk_open_client(lua_State *L);

/* client{...} -> client | nil, error. The options are those of ddokta.options, which has checked
 * them and filled in what was not given. */
int dk_client(lua_State *L);

/* wait(seconds, client, ...): until one of the clients can be stepped */
int dk_clients_wait(lua_State *L);

#endif
