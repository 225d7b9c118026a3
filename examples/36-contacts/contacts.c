/* Whom to ask: the people who look after a company, its own for technical matters, and who acts for
 * it. And what is known of its support plan, which the host shows on the company's page. */
#include <portico/portico.h>

#include <string.h>

static int read_people(struct portico_request *request, struct portico_value *view,
                       struct portico_error *error)
{
    struct portico_value *team = NULL, *contacts = NULL;
    int code = portico_account_team(portico_accounts(request), 0, &team, error);
    if (code == 0)
        code =
            portico_account_contacts(portico_accounts(request), 0, "technical", &contacts, error);
    if (code < 0)
        return code;
    portico_set(view, "team", team);
    portico_set(view, "contacts", contacts);
    portico_set_boolean(view, "any", portico_count(team) + portico_count(contacts) > 0);
    return PORTICO_OK;
}

/* For those who look after the company's people; others see the page without it. */
static int read_partners(struct portico_request *request, struct portico_value *view,
                         struct portico_error *error)
{
    struct portico_value *all = NULL, *partners = portico_set_list(view, "partners");
    int code = portico_account_partners(portico_accounts(request), 0, &all, error);
    if (code == PORTICO_EPERM)
        return PORTICO_OK;
    for (size_t i = 0; code == 0 && i < portico_count(all); i++) {
        const struct portico_value *one = portico_at(all, i);
        /* Those it lets act, once they accepted; not those it acts for itself. */
        if (!portico_get_boolean(one, "accepted", 0) ||
            portico_get_integer(one, "account", 0) != portico_account(request))
            continue;
        struct portico_value *item = portico_append_object(partners);
        portico_set_text(item, "name", portico_get_text(one, "partner_name", ""));
        portico_set_time(item, "until", portico_get_integer(one, "until", 0));
    }
    portico_set_boolean(view, "any_partners", portico_count(partners) > 0);
    return code;
}

/* ENOENT: nobody told it of this company. */
static int read_plan(struct portico_request *request, struct portico_value *view,
                     struct portico_error *error)
{
    struct portico_value *plan = NULL;
    int code =
        portico_fact(portico_accounts(request), portico_account(request), "plan", &plan, error);
    portico_set_boolean(view, "plus",
                        code == 0 && strcmp(portico_text_of(plan, NULL), "plus") == 0);
    return code == PORTICO_ENOENT ? PORTICO_OK : code;
}

static int show(struct portico_request *request)
{
    struct portico_error error = PORTICO_ERROR_INIT;
    struct portico_value *view = portico_object(request);
    if (!portico_account(request)) /* whoever acts for no company */
        return PORTICO_ENOENT;
    int code = read_people(request, view, &error);
    if (code == 0)
        code = read_partners(request, view, &error);
    if (code == 0)
        code = read_plan(request, view, &error);
    return code < 0 ? code : portico_reply_view(request, "contacts", view);
}

static const struct portico_route routes[] = {
    { .method = "GET", .pattern = "/contacts", .handler = show, .permission = PORTICO_SIGNED_IN },
};

/* What the module knows of companies. Credit is for the staff alone. */
static const struct portico_account_fact facts[] = {
    { .key = "plan",
      .title = "Support plan",
      .type = PORTICO_FACT_CHOICE,
      .flags = PORTICO_FACT_SHOWN,
      .choices = "basic=On working days\nplus=Around the clock" },
    { .key = "plan_until",
      .title = "Plan ends",
      .type = PORTICO_FACT_DATE,
      .flags = PORTICO_FACT_SHOWN },
    { .key = "uptime",
      .title = "Promised uptime in percent",
      .type = PORTICO_FACT_NUMBER,
      .flags = PORTICO_FACT_SHOWN },
    { .key = "terms", .title = "Terms", .type = PORTICO_FACT_TEXT, .flags = PORTICO_FACT_SHOWN },
    { .key = "credit",
      .title = "Pays on invoice",
      .type = PORTICO_FACT_BOOLEAN,
      .help = "As accounting says it." },
};

/* `portico contacts know crm:0815 plan plus`: as the system says it that knows. */
static int know(struct portico_context *context, const struct portico_command_call *call,
                struct portico_error *error)
{
    struct portico_accounts *accounts = portico_accounts(context);
    portico_id account = 0;
    int code = portico_account_external(accounts, call->arguments[0], &account, error);
    return code < 0 ? code
                    : portico_set_fact(accounts, account, call->arguments[1],
                                       call->argument_count > 2 ? call->arguments[2] : NULL, error);
}

static const struct portico_command commands[] = {
    { .name = "know",
      .summary = "Say what is known of a company",
      .arguments = "EXTERNAL FACT [VALUE]",
      .least = 2,
      .most = 3,
      .run = know,
      .description = "EXTERNAL is what another system calls it, such as crm:0815. Without a value "
                     "the fact is taken away." },
};

static const struct portico_module module = {
    PORTICO_MODULE_HEADER,
    .title = "Contacts",
    .routes = PORTICO_LIST(routes),
    .account_facts = PORTICO_LIST(facts),
    .commands = PORTICO_LIST(commands),
};
PORTICO_EXPORT_MODULE(module)
