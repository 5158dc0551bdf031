// hls::stream for counting operators: reads and writes are calls that the compiler cannot look into, so that the code of
// a process is kept whole and nothing but it. Not for running.
#ifndef JPEGACT_TOOLS_RESOURCES_HLS_STREAM_H
#define JPEGACT_TOOLS_RESOURCES_HLS_STREAM_H

namespace hls {

template <class T, int DEPTH = 0>
class stream;

template <class T>
class stream<T, 0> {
  public:
    T read() {
        T item;
        give(&item);
        return item;
    }
    void write(const T& item) {
        const T copy = item;
        take(&copy);
    }

  private:
    void give(T* item);
    void take(const T* item);
};

}  // namespace hls

#endif
