/* C++17: the same headers, the standard library inside, no exception that leaves a handler. */
#include <portico/portico.h>

#include <map>
#include <new>
#include <sstream>
#include <stdexcept>
#include <string>

namespace
{

/* The host is C: an exception that reached it would end the process. */
template <int (*handler)(portico_request *)> int guarded(portico_request *request)
{
    try {
        return handler(request);
    } catch (const std::bad_alloc &) {
        return PORTICO_ENOMEM;
    } catch (const std::exception &error) {
        portico_log(request, PORTICO_LOG_ERROR, "%s", error.what());
        return PORTICO_EFAULT;
    }
}

/* A negative code of the SDK as an exception, for those who like it so. */
void check(int code, const portico_error &error)
{
    if (code < 0)
        throw std::runtime_error(error.message[0] ? error.message : "The database said no.");
}

/* A transaction that is rolled back unless it was committed. */
class Transaction
{
  public:
    explicit Transaction(portico_db *own) : db(own)
    {
        check(portico_begin(db, &error), error);
    }
    Transaction(const Transaction &) = delete;
    Transaction &operator=(const Transaction &) = delete;
    ~Transaction()
    {
        portico_rollback(db);
    }
    void commit()
    {
        check(portico_commit(db, &error), error);
    }

  private:
    portico_db *db;
    portico_error error = PORTICO_ERROR_INIT;
};

int list(portico_request *request)
{
    portico_error error = PORTICO_ERROR_INIT;
    portico_value *view = portico_object(request), *words = nullptr;
    check(portico_query(portico_db(request),
                        "SELECT word, number FROM cplusplus_word ORDER BY word", PORTICO_NO_ARGS,
                        &words, &error),
          error);
    portico_set(view, "words", words);
    return portico_reply_view(request, "words", view);
}

int count(portico_request *request)
{
    const char *text = portico_form(request, "text");
    std::map<std::string, int64_t> numbers;
    std::istringstream words(text ? text : "");
    for (std::string word; words >> word;)
        numbers[word]++;
    if (numbers.count("throw"))
        throw std::runtime_error("A word that this example does not count.");

    portico_error error = PORTICO_ERROR_INIT;
    Transaction transaction(portico_db(request));
    for (const auto &[word, number] : numbers)
        check(portico_execute(
                  portico_db(request),
                  "INSERT INTO cplusplus_word (word, number) VALUES (?, ?) "
                  "ON CONFLICT (word) DO UPDATE SET "
                  "number = cplusplus_word.number + excluded.number",
                  PORTICO_ARGS(portico_arg_text(word.c_str()), portico_arg_integer(number)),
                  nullptr, &error),
              error);
    transaction.commit();
    return portico_reply_redirect(request, 303, "/cplusplus");
}

/* Constant expressions: nothing runs when the module is loaded. */
constexpr portico_route route(const char *method, int (*handler)(portico_request *))
{
    portico_route made = {};
    made.method = method;
    made.pattern = "/cplusplus";
    made.handler = handler;
    made.permission = PORTICO_PUBLIC;
    return made;
}
constexpr portico_route routes[] = { route("GET", guarded<list>), route("POST", guarded<count>) };

constexpr portico_personal_table words_table()
{
    portico_personal_table made = {};
    made.table = "cplusplus_word";
    made.erase = PORTICO_NOT_PERSONAL;
    made.reason = "Words are counted, not who wrote them.";
    return made;
}
constexpr portico_personal_table personal_data[] = { words_table() };

constexpr portico_module describe()
{
    portico_module made = PORTICO_MODULE_BEGIN;
    made.title = "C++";
    made.routes = PORTICO_LIST(routes);
    made.personal_data = PORTICO_LIST(personal_data);
    return made;
}
constexpr portico_module module = describe();

} // namespace

PORTICO_EXPORT_MODULE(module)
