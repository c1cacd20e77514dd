/* Buffers that the collector frees; see buffer.h. */
#include "buffer.h"
#include "object.h"

static const dk_type BUFFER = {"ddokta.buffer", "this buffer is gone", NULL};

typedef struct buffer_object {
    dk_object self;
    dk_buffer buffer;
} buffer_object;

static int buffer_gc(lua_State *L)
{
    buffer_object *o = dk_endself(L, &BUFFER);
    if (o)
        dk_buffer_free(&o->buffer);
    return 0;
}

dk_buffer *dk_newbuffer(lua_State *L)
{
    buffer_object *o = dk_newobject(L, sizeof *o, &BUFFER);
    o->self.lives = true;
    return &o->buffer;
}

dk_buffer *dk_newsecretbuffer(lua_State *L)
{
    dk_buffer *buffer = dk_newbuffer(L);
    buffer->secret = true;
    return buffer;
}

void dk_pushbuffer(lua_State *L, const dk_buffer *buffer)
{
    lua_pushlstring(L, buffer->length ? buffer->data : "", buffer->length);
}

void dk_open_buffer(lua_State *L)
{
    static const luaL_Reg none[] = {{NULL, NULL}};
    static const luaL_Reg metamethods[] = {{"__gc", buffer_gc}, {NULL, NULL}};
    dk_newtype(L, &BUFFER, none, metamethods);
}
