/* The Portico module SDK: include this one. */
#ifndef PORTICO_PORTICO_H
#define PORTICO_PORTICO_H

#include "account.h"
#include "audience.h"
#include "auth.h"
#include "base.h"
#include "clock.h"
#include "command.h"
#include "content.h"
#include "context.h"
#include "db.h"
#include "event.h"
#include "fetch.h"
#include "file.h"
#include "form.h"
#include "hook.h"
#include "job.h"
#include "limit.h"
#include "mail.h"
#include "module.h"
#include "notice.h"
#include "people.h"
#include "personal.h"
#include "request.h"
#include "scenario.h"
#include "search.h"
#include "secret.h"
#include "service.h"
#include "session.h"
#include "value.h"

#endif
