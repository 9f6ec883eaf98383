// A stack of value types that can be written beyond its top without being cleared first, which a vector cannot.
#pragma once

#include <algorithm>
#include <memory>
#include <span>

#include "module/types.h"

namespace weft {

class TypeStack {
 public:
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  ValType& back() { return data_[size_ - 1]; }
  ValType operator[](size_t index) const { return data_[index]; }
  ValType* data() { return data_.get(); }
  std::span<const ValType> span() const { return {data_.get(), size_}; }

  void clear() { size_ = 0; }
  void pop_back() { --size_; }
  void push_back(ValType type) {
    if (size_ == capacity_) [[unlikely]]
      reserve_more(1);
    data_[size_++] = type;
  }
  void push(std::span<const ValType> types) {
    if (types.empty()) return;
    if (capacity_ - size_ < types.size()) [[unlikely]]
      reserve_more(types.size());
    std::copy(types.begin(), types.end(), data_.get() + size_);
    size_ += types.size();
  }
  /// Makes room for `count` more and gives the place of the next one; set_size says afterwards how many there are.
  ValType* room(size_t count) {
    if (capacity_ - size_ < count) [[unlikely]]
      reserve_more(count);
    return data_.get() + size_;
  }
  /// At most as many as there is room for.
  void set_size(size_t size) { size_ = size; }

 private:
  void reserve_more(size_t count) {
    const size_t capacity = std::max(size_ + count, capacity_ * 2 + 64);
    std::unique_ptr<ValType[]> grown(new ValType[capacity]);
    std::copy_n(data_.get(), size_, grown.get());
    data_ = std::move(grown);
    capacity_ = capacity;
  }

  std::unique_ptr<ValType[]> data_;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

}  // namespace weft
