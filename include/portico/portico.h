/* The Portico module SDK: include this one. */
#ifndef PORTICO_PORTICO_H
#define PORTICO_PORTICO_H

#include "base.h"
#include "content.h"
#include "context.h"
#include "db.h"
#include "module.h"
#include "request.h"
#include "search.h"
#include "value.h"

#endif
