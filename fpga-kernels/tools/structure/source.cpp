#include "source.hpp"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <regex>
#include <sstream>
#include <stdexcept>

namespace structure {
namespace {

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return char(std::tolower(c)); });
    return text;
}

std::string trim(const std::string& text) {
    const size_t from = text.find_first_not_of(" \t\n"), to = text.find_last_not_of(" \t\n");
    return from == std::string::npos ? std::string() : text.substr(from, to - from + 1);
}

options parse_options(const std::string& text) {
    static const std::regex option(R"((\w+)\s*=\s*([\w.\[\]]+)|(\w+))");
    options parsed;
    for (std::sregex_iterator it(text.begin(), text.end(), option), end; it != end; ++it) {
        parsed[lower((*it)[1].matched ? (*it)[1] : (*it)[3])] = (*it)[2];
    }
    return parsed;
}

// Splits at the commas that are in no bracket.
std::vector<std::string> split(const std::string& list) {
    std::vector<std::string> parts(1);
    int depth = 0;
    for (const char c : list) {
        depth += c == '(' || c == '<' || c == '[' || c == '{'   ? 1
                 : c == ')' || c == '>' || c == ']' || c == '}' ? -1
                                                                : 0;
        if (c == ',' && depth == 0) {
            parts.emplace_back();
        } else {
            parts.back() += c;
        }
    }
    std::transform(parts.begin(), parts.end(), parts.begin(), trim);
    return parts;
}

// The text between the bracket at `open` and the one that closes it.
std::string inside(const std::string& text, size_t open) {
    int depth = 0;
    for (size_t i = open; i < text.size(); i++) {
        depth += text[i] == '(' ? 1 : text[i] == ')' ? -1 : 0;
        if (depth == 0) {
            return text.substr(open + 1, i - open - 1);
        }
    }
    throw std::runtime_error("unbalanced brackets: " + text.substr(open, 60));
}

std::vector<argument> parse_arguments(const std::string& list) {
    static const std::regex parameter(R"(^(.*[\s*&])(\w+)(\[.*\])?$)");
    std::vector<argument> arguments;
    for (const std::string& part : split(list)) {
        std::smatch match;
        if (!std::regex_match(part, match, parameter)) {
            continue;
        }
        argument each;
        each.type = trim(match[1]);
        each.name = match[2];
        each.is_pointer = each.type.find('*') != std::string::npos;
        each.is_const = each.type.rfind("const ", 0) == 0;
        arguments.push_back(each);
    }
    return arguments;
}

std::vector<fifo> parse_fifos(const std::string& body) {
    static const std::regex start(R"(hls::stream<)");
    static const std::regex rest(R"re(^\s*(\w+)\s*\(\s*"(\w+)"\s*\)\s*;)re");
    std::vector<fifo> fifos;
    for (std::sregex_iterator it(body.begin(), body.end(), start), end; it != end; ++it) {
        const size_t open = size_t(it->position() + it->length());
        int depth = 1;
        size_t close = open;
        while (close < body.size() && depth != 0) {
            depth += body[close] == '<' ? 1 : body[close] == '>' ? -1 : 0;
            close++;
        }
        std::smatch match;
        const std::string after = body.substr(close, 200);
        const std::vector<std::string> parts = split(body.substr(open, close - open - 1));
        if (!std::regex_search(after, match, rest) || parts.size() != 2 || match[1] != match[2]) {
            throw std::runtime_error("a FIFO without depth or name: " + body.substr(size_t(it->position()), 80));
        }
        fifos.push_back({parts[0], parts[1], match[1]});
    }
    return fifos;
}

std::vector<process> parse_processes(const std::string& body) {
    static const std::string marker = "JPEGACT_PROCESS(";
    std::vector<process> processes;
    for (size_t at = body.find(marker); at != std::string::npos; at = body.find(marker, at + 1)) {
        const std::string call = trim(inside(body, at + marker.size() - 1));
        const size_t open = call.find('(');
        if (open == std::string::npos) {
            throw std::runtime_error("a process that is no call: " + call);
        }
        processes.push_back({trim(call.substr(0, open)), inside(call, open)});
    }
    return processes;
}

// Reads one file, keeping track of scopes.
class reader {
  public:
    reader(source& into, std::string path) : into_(into), path_(std::move(path)) {}

    void read() {
        std::ifstream file(path_);
        if (!file) {
            throw std::runtime_error("cannot read " + path_);
        }
        static const std::regex comment(R"(//.*)"), pragma(R"(\s*#\s*pragma\s+HLS\s+(\w+)(.*))", std::regex::icase),
            directive(R"(\s*#.*)");
        std::string line;
        while (std::getline(file, line)) {
            line_++;
            const std::string code = std::regex_replace(line, comment, "");
            std::smatch match;
            if (std::regex_match(code, match, pragma)) {
                on_pragma(lower(match[1]), parse_options(match[2]));
            } else if (!std::regex_match(code, directive)) {
                on_code(code + "\n");
            }
        }
        if (!scopes_.empty()) {
            throw std::runtime_error(path_ + ": unbalanced braces");
        }
    }

  private:
    enum class kind { other, function, record, loop, block };
    struct scope {
        kind what;
        std::string head;
        std::string body;
        loop in;                // of a loop
        bool unrolled = false;  // of a loop
    };

    void on_code(const std::string& code) {
        for (const char c : code) {
            if (c == '{') {
                open();
            } else if (c == '}') {
                close();
            } else {
                pending_ += c;
                parentheses_ += c == '(' ? 1 : c == ')' ? -1 : 0;
                if (c == ';' && parentheses_ == 0) {
                    pending_.clear();
                }
            }
            for (scope& each : scopes_) {
                each.body += c;
            }
        }
    }

    void open() {
        static const std::regex loop_head(R"(\b(for|while|do)\b[^;]*(;[^;]*;[^;]*)?$)"),
            record_head(R"(\b(struct|class)\s+\w+\s*$)"),
            other_head(R"(\b(enum|namespace)\b[^()]*$|extern\s*"\w*"\s*$)"),
            function_head(R"(\)\s*(const)?\s*(:[\s\S]*)?$)");
        scope next{kind::other, trim(pending_), "", {}, false};
        if (in_function()) {
            next.what = std::regex_search(pending_, loop_head) ? kind::loop : kind::block;
            next.in.line = line_;
        } else if (std::regex_search(pending_, record_head)) {
            next.what = kind::record;
        } else if (!std::regex_search(pending_, other_head) && std::regex_search(pending_, function_head)) {
            next.what = kind::function;
            current_ = function();
            start_function(next.head);
        }
        scopes_.push_back(next);
        pending_.clear();
        parentheses_ = 0;
    }

    void close() {
        if (scopes_.empty()) {
            throw std::runtime_error(path_ + ": unbalanced braces");
        }
        const scope ended = scopes_.back();
        scopes_.pop_back();
        pending_.clear();
        if (ended.what == kind::loop && !ended.unrolled) {
            loop done = ended.in;
            for (const scope& outer : scopes_) {
                done.nesting += outer.what == kind::loop && !outer.unrolled ? 1 : 0;
            }
            current_.loops.push_back(done);
        } else if (ended.what == kind::function) {
            end_function(ended.body);
        } else if (ended.what == kind::record) {
            end_record(ended);
        }
    }

    void start_function(const std::string& head) {
        static const std::regex signature(R"((extern\s+"C"\s+)?([\w:<>&*\s]*?)\b(\w+)\s*\()");
        std::smatch match;
        if (!std::regex_search(head, match, signature)) {
            return;
        }
        current_.name = match[3];
        current_.file = path_;
        current_.returns = trim(std::regex_replace(match[2].str(), std::regex(R"(\binline\b|template\s*<[^>]*>)"), ""));
        current_.is_kernel = match[1].matched;
        current_.arguments = parse_arguments(inside(head, head.find('(', size_t(match.position(3)))));
    }

    void end_function(const std::string& body) {
        if (current_.is_region) {
            current_.fifos = parse_fifos(body);
            current_.processes = parse_processes(body);
        }
        // Loops were noted as they ended; outer ones come after those inside them.
        std::sort(current_.loops.begin(), current_.loops.end(),
                  [](const loop& left, const loop& right) { return left.line < right.line; });
        into_.functions[current_.name] = current_;
        if (current_.is_kernel) {
            order_regions(body);
        }
    }

    // A kernel's regions are the functions of its file that it calls, in order.
    void order_regions(const std::string& body) {
        std::vector<std::pair<size_t, std::string>> calls;
        for (const auto& [name, each] : into_.functions) {
            const size_t at = body.find(name + "(");
            if (each.is_region && each.file == path_ && at != std::string::npos) {
                calls.emplace_back(at, name);
            }
        }
        std::sort(calls.begin(), calls.end());
        for (const auto& [at, name] : calls) {
            into_.functions[current_.name].processes.push_back({name, ""});
        }
    }

    void end_record(const scope& ended) {
        static const std::regex name(R"((\w+)\s*$)"), member(R"(([\w:<>]+)\s+(\w+)(?:\[(\w+)\])?;)");
        std::smatch match;
        if (!std::regex_search(ended.head, match, name) || ended.body.find('(') != std::string::npos) {
            return;  // with functions of its own it does not cross a FIFO
        }
        record each{match[1], {}};
        for (std::sregex_iterator it(ended.body.begin(), ended.body.end(), member), end; it != end; ++it) {
            each.fields.push_back({(*it)[1], (*it)[2], (*it)[3]});
        }
        into_.records.push_back(each);
    }

    void on_pragma(const std::string& directive, const options& all) {
        if (scopes_.empty() || all.count("off") != 0) {
            return;
        }
        scope& at = scopes_.back();
        const auto interval = [&all] {
            const auto found = all.find("ii");
            return found == all.end() ? 1u : unsigned(std::stoul(found->second));
        };
        if (directive == "unroll" && at.what == kind::loop) {
            at.unrolled = true;
        } else if (directive == "pipeline" && at.what == kind::loop) {
            at.in.interval = interval();
        } else if (directive == "pipeline" && at.what == kind::function) {
            current_.interval = interval();
        } else if (directive == "dataflow" && at.what == kind::function) {
            current_.is_region = true;
        } else if (directive == "interface" && at.what == kind::function) {
            for (argument& each : current_.arguments) {
                if (all.count("port") != 0 && all.at("port") == each.name) {
                    each.interface = all;
                }
            }
        }
    }

    bool in_function() const {
        return std::any_of(scopes_.begin(), scopes_.end(), [](const scope& s) { return s.what == kind::function; });
    }

    source& into_;
    std::string path_;
    int line_ = 0;
    int parentheses_ = 0;
    std::string pending_;
    std::vector<scope> scopes_;
    function current_;
};

}  // namespace

void source::add(const std::string& path) { reader(*this, path).read(); }

std::vector<const function*> source::kernels() const {
    std::vector<const function*> all;
    for (const auto& [name, each] : functions) {
        if (each.is_kernel) {
            all.push_back(&each);
        }
    }
    return all;
}

std::vector<const function*> source::regions_of(const function& kernel) const {
    std::vector<const function*> regions;
    for (const process& call : kernel.processes) {
        regions.push_back(&functions.at(call.function));
    }
    return regions;
}

}  // namespace structure
