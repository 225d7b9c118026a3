//! Rust: the plain C tables, no crates; a panic never leaves a handler.
mod portico;

use portico::*;
use std::ffi::CStr;
use std::os::raw::{c_char, c_int, c_void};

/* As text, because the ELF note needs them so. */
macro_rules! id { () => { "rust" } }
macro_rules! version { () => { "1.0.0" } }

/// A new object or list in the request's memory.
fn make(request: *mut Request, kind: u32) -> Result<*mut Value, c_int> {
    let value = unsafe { ((*(*(*request).context).api).make)((*request).context, kind) };
    if value.is_null() {
        Err(ENOMEM)
    } else {
        Ok(value)
    }
}

fn checked(code: c_int) -> Result<(), c_int> {
    if code < 0 {
        Err(code)
    } else {
        Ok(())
    }
}

/// Query parameter `name`; None if it is absent.
fn query<'a>(request: *mut Request, name: &'static str) -> Option<&'a str> {
    let found = unsafe { ((*(*request).api).query)(request, text(name)) };
    if found.is_null() {
        return None;
    }
    unsafe { CStr::from_ptr(found) }.to_str().ok()
}

/// The letters of `text` and how often each occurs, most frequent first.
fn letters(text: &str) -> Vec<(char, i64)> {
    let mut counts = std::collections::BTreeMap::new();
    for letter in text.chars().filter(|c| c.is_alphabetic()).flat_map(char::to_lowercase) {
        *counts.entry(letter).or_insert(0) += 1;
    }
    let mut sorted: Vec<_> = counts.into_iter().collect();
    sorted.sort_by_key(|&(letter, count)| (-count, letter));
    sorted
}

fn answer(request: *mut Request) -> Result<*mut Value, c_int> {
    let given = query(request, "text\0").unwrap_or("Portico");
    if given == "panic" {
        panic!("a word that this example does not count");
    }
    let view = make(request, OBJECT)?;
    let list = make(request, LISTING)?;
    for (letter, count) in letters(given) {
        let row = make(request, OBJECT)?;
        let mut bytes = [0; 4];
        let shown = letter.encode_utf8(&mut bytes);
        unsafe {
            let api = &*(*row).api;
            checked((api.set_text)(row, text("letter\0"), shown.as_ptr() as _, shown.len()))?;
            checked((api.set_scalar)(row, text("number\0"), INTEGER, count, 0.0))?;
            checked((api.append)(list, row))?;
        }
    }
    checked(unsafe { ((*(*view).api).set)(view, text("letters\0"), list) })?;
    Ok(view)
}

/// The host is C: a panic that reached it would end the process.
fn guarded(work: impl FnOnce() -> Result<c_int, c_int> + std::panic::UnwindSafe) -> c_int {
    match std::panic::catch_unwind(work) {
        Ok(Ok(code)) | Ok(Err(code)) => code,
        Err(_) => EFAULT,
    }
}

extern "C" fn page(request: *mut Request) -> c_int {
    guarded(|| {
        let view = answer(request)?;
        Ok(unsafe { ((*(*request).api).reply_view)(request, text("letters\0"), view) })
    })
}

extern "C" fn data(request: *mut Request) -> c_int {
    guarded(|| Ok(unsafe { ((*(*request).api).reply_json)(request, answer(request)?) }))
}

const fn route(pattern: *const c_char, handler: extern "C" fn(*mut Request) -> c_int,
               summary: *const c_char, response_schema: *const c_char) -> Route {
    Route {
        method: text("GET\0"), pattern, handler, permission: text("public\0"), summary,
        request_schema: std::ptr::null(), response_schema,
        flags: 0, deadline_ms: 0, concurrency: 0, cache_seconds: 0,
    }
}
static ROUTES: Fixed<[Route; 2]> = Fixed([
    route(text("/rust\0"), page, std::ptr::null(), std::ptr::null()),
    route(text("/api/rust/v1/letters\0"), data, text("Counts the letters of a text\0"),
          text("{\"type\":\"object\",\"required\":[\"letters\"]}\0")),
]);

static MODULE: Fixed<Module> = Fixed(Module {
    size: std::mem::size_of::<Module>() as u32,
    abi: ABI,
    id: text(concat!(id!(), "\0")),
    version: text(concat!(version!(), "\0")),
    uses: text("\0"),
    title: text("Rust\0"),
    description: std::ptr::null(),
    concurrency: 0,
    reserved: 0,
    start: std::ptr::null(),
    stop: std::ptr::null(),
    routes: List {
        items: &ROUTES as *const _ as *const c_void,
        count: 2,
        item_size: std::mem::size_of::<Route>() as u32,
    },
});

const NOTE_TEXT: &str = concat!("id=", id!(), "\nversion=", version!(), "\nabi=0\nsdk=0.1\nuses=\n\0");
#[used]
#[link_section = ".note.portico"]
static NOTE: Note<{ (NOTE_TEXT.len() + 3) & !3 }> = note(NOTE_TEXT);

#[no_mangle]
pub extern "C" fn portico_module_entry() -> *const Module {
    &MODULE.0
}
