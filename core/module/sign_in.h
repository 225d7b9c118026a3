/* The services of modules that have a say in signing in: those that the owner named in [sign_in]
 * verifiers, steps and decorators. <portico/auth.h> says what they answer. */
#ifndef MODULE_SIGN_IN_H
#define MODULE_SIGN_IN_H

#include "module/registry.h"

/* Problems go to the config's list: a service that no enabled module offers, or without the methods
 * it needs. Once the services of all modules are known. */
void registry_check_sign_in(struct registry *registry);
/* From now on the identity asks the verifiers, for as long as the host lives. */
void sign_in_use_verifiers(struct module_host *host);

/* The services of [sign_in] steps, in their order; NULL after the last. */
const char *const *sign_in_steps(const struct module_host *host);
/* What a step asks of somebody before their session begins. */
struct sign_in_asked {
    bool due;                 /* it asks something */
    struct module *of;        /* whose form and words these are */
    const char *form;         /* one of its .forms */
    const char *title, *text; /* for the reader; `text` may be NULL */
};
/* Negative: it failed, and nobody is let in. */
int sign_in_ask(struct module_host *host, const char *step, int64_t person, const char *locale,
                struct arena *arena, struct sign_in_asked *ret_asked, struct portico_error *error);
/* 0: that is right, and `result` may have something for the session. EPERM: it is not, with its
 * sentence for the reader. Else it failed. */
int sign_in_answer(struct module_host *host, const char *step, int64_t person,
                   const struct value *values, const char *locale, struct arena *arena,
                   struct value **ret_result, struct portico_error *error);
/* What a step or a decorator attaches to the session by its result, beside what is in `carried`
 * already: all of it or, where something does not fit, nothing. */
int sign_in_carry(const struct module_host *host, const char *service, const struct value *result,
                  struct arena *arena, const char **carried, struct portico_error *error);
/* Asks the decorators, once nothing else is due: `carried`, what the steps attached to the session,
 * with what they attach. Negative: a module gave nothing that it lets no session begin without. */
struct identity_person;
int sign_in_decorate(struct module_host *host, const struct identity_person *person,
                     const char *locale, struct arena *arena, const char **carried,
                     struct portico_error *error);

#endif
