// Rows, and a folder for a file of SQLite that goes with its scope.
#pragma once

#include "millrace/sql/row.hpp"

#include <filesystem>
#include <string>
#include <unistd.h>
#include <vector>

namespace millrace::test {

class temporary_folder {
  public:
    temporary_folder()
        : path_(std::filesystem::temp_directory_path() /
                ("millrace-sql-" + std::to_string(::getpid()) + "-" + std::to_string(++made_))) {
        std::filesystem::create_directories(path_);
    }
    ~temporary_folder() { std::filesystem::remove_all(path_); }
    temporary_folder(const temporary_folder&) = delete;
    temporary_folder& operator=(const temporary_folder&) = delete;

    std::string file(const std::string& name = "events.db") const { return (path_ / name).string(); }

  private:
    static inline int made_ = 0;
    std::filesystem::path path_;
};

inline sql::row event_row(const std::string& id, int offset = 0) {
    sql::row r;
    r.place = {"orders", partition_id{1}, static_cast<record_offset>(offset)};
    r.timestamp = {1'764'000'000'123};
    r.source = "/shop";
    r.id = id;
    r.type = "order.created";
    r.data = "{}";
    return r;
}

inline std::vector<const sql::row*> pointers(const std::vector<sql::row>& rows) {
    std::vector<const sql::row*> all;
    for (const sql::row& r : rows)
        all.push_back(&r);
    return all;
}

} // namespace millrace::test
